// The least of a host: it takes note of the exit code and has no user to ask.
using System;
using System.Globalization;
using System.Management.Automation.Host;

class ScriptHost : PSHost
{
	public int? Code;
	readonly Guid id = Guid.NewGuid();

	public override string Name => "ConsoleHost";
	public override Version Version => new Version(5, 1);
	public override Guid InstanceId => id;
	public override PSHostUserInterface UI => null;
	public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
	public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
	public override void SetShouldExit(int code) => Code = code;
	public override void EnterNestedPrompt() => throw new NotSupportedException();
	public override void ExitNestedPrompt() => throw new NotSupportedException();
	public override void NotifyBeginApplication() { }
	public override void NotifyEndApplication() { }
}
