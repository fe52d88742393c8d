// Runs scripts in PowerShell's own engine, with the few cmdlets that the engine package lacks.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

[Cmdlet(VerbsCommon.New, "Object")]
public class NewObjectCommand : PSCmdlet
{
	[Parameter(Mandatory = true)]
	public string TypeName { get; set; }

	[Parameter]
	public object[] ArgumentList { get; set; }

	protected override void EndProcessing()
	{
		Type type = (Type)LanguagePrimitives.ConvertTo(TypeName, typeof(Type));
		object[] arguments = (ArgumentList ?? new object[0]).Select(a => a is PSObject o ? o.BaseObject : a).ToArray();
		using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
		shell.AddScript("param($type, $arguments) , $type::new.Invoke($arguments)").AddArgument(type).AddArgument(arguments);
		WriteObject(shell.Invoke().First(), false);
	}
}

static class Host
{
	public static int Run(string test, IEnumerable<string> before)
	{
		var state = InitialSessionState.CreateDefault2();

		state.Commands.Add(new SessionStateCmdletEntry("New-Object", typeof(NewObjectCommand), null));
		using var runspace = RunspaceFactory.CreateRunspace(state);
		runspace.Open();
		using var shell = PowerShell.Create(runspace);
		string text = string.Join("\n", before.Append(test).Select(File.ReadAllText));
		shell.AddScript(text);
		try {
			foreach (var output in shell.Invoke())
				Console.Out.WriteLine(output);
		} catch (RuntimeException e) {
			Console.Out.WriteLine("not ok - " + e.Message + " " + e.ErrorRecord.InvocationInfo?.PositionMessage);
			return 1;
		}
		foreach (var e in shell.Streams.Error)
			Console.Out.WriteLine("not ok - " + e + " " + e.InvocationInfo?.PositionMessage);
		return shell.HadErrors ? 1 : 0;
	}
}
