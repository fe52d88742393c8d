// A stand-in for powershell.exe, made of PowerShell's own engine, and its parser for tests.
//   pshost … -EncodedCommand BASE64   runs it as powershell.exe would: exit code, stdin, stdout
//   pshost parse FILE…                PowerShell's own syntax errors, then exit 1
//   pshost strings FILE               FILE has lines BASE64-OF-TEXT<tab>BASE64-OF-LITERAL: does
//                                     each literal mean its text?
using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text;

static class Program
{
	static int Main(string[] args)
	{
		int at = Array.FindIndex(args, a => a.Equals("-EncodedCommand", StringComparison.OrdinalIgnoreCase));

		if (at >= 0 && at + 1 < args.Length)
			return Run(Encoding.Unicode.GetString(Convert.FromBase64String(args[at + 1])));
		if (args.Length > 1 && args[0] == "parse")
			return Parse(args.Skip(1).ToArray());
		if (args.Length == 2 && args[0] == "strings")
			return Strings(args[1]);
		Console.Error.WriteLine("usage: pshost … -EncodedCommand BASE64 | parse FILE… | strings FILE");
		return 2;
	}

	// What is left over on the pipeline goes to stdout, errors go to stderr and stop nothing.
	static int Run(string text)
	{
		var host = new ScriptHost();

		using var runspace = RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());
		runspace.Open();
		using var shell = PowerShell.Create(runspace);
		var output = new PSDataCollection<PSObject>();
		output.DataAdded += (s, e) => Console.Out.WriteLine(output[e.Index]);
		shell.Streams.Error.DataAdded += (s, e) => Console.Error.WriteLine(shell.Streams.Error[e.Index]);
		shell.AddScript(text);
		try {
			shell.Invoke(null, output);
		} catch (RuntimeException e) {
			Console.Error.WriteLine(e.Message + " " + e.ErrorRecord.InvocationInfo?.PositionMessage);
			host.Code ??= 1;
		}
		Console.Out.Flush();
		// A real one does not wait for threads that are stuck either.
		Environment.Exit(host.Code ?? (shell.HadErrors ? 1 : 0));
		return 0;
	}

	static int Parse(string[] files)
	{
		int found = 0;

		foreach (string file in files) {
			Parser.ParseFile(file, out _, out ParseError[] errors);
			foreach (var e in errors)
				Console.WriteLine($"{file}:{e.Extent.StartLineNumber}:{e.Extent.StartColumnNumber}: {e.Message}");
			found += errors.Length;
		}
		Console.WriteLine($"{files.Length} files, {found} errors");
		return found > 0 ? 1 : 0;
	}

	// One literal must be one constant string and nothing else, by the parser, without running it.
	static int Strings(string file)
	{
		int wrong = 0, n = 0;

		foreach (string line in File.ReadAllLines(file)) {
			string[] part = line.Split('\t').Select(p => Encoding.UTF8.GetString(Convert.FromBase64String(p))).ToArray();
			var ast = Parser.ParseInput(part[1], out _, out ParseError[] errors);
			var constant = Constant(ast);
			n++;
			if (errors.Length == 0 && constant != null && constant.Value == part[0] &&
				constant.StringConstantType == StringConstantType.SingleQuoted)
				continue;
			Console.WriteLine("wrong: " + line);
			wrong++;
		}
		Console.WriteLine($"{n} strings, {wrong} wrong");
		return wrong > 0 || n == 0 ? 1 : 0;
	}

	static StringConstantExpressionAst Constant(ScriptBlockAst ast)
	{
		var statements = ast.EndBlock?.Statements;

		if (statements == null || statements.Count != 1 || ast.ParamBlock != null)
			return null;
		return ((statements[0] as PipelineAst)?.GetPureExpression()) as StringConstantExpressionAst;
	}
}
