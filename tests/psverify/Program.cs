// Judges the PowerShell side of the steps by PowerShell's own parser and binder.
//   psverify check LIB SCRIPT… -- TABLE…   parse and bind every command; findings, then exit 1
//   psverify faults LIST -- TABLE…         every line "KIND<tab>SNIPPET" must be found out
//   psverify run TEST LIB [SCRIPT…]        run a test script after them in the hosted engine
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;

static class Program
{
	static int Main(string[] args)
	{
		if (args.Length < 2)
			return Usage();
		int split = Array.IndexOf(args, "--");
		string[] files = args.Skip(1).Take((split < 0 ? args.Length : split) - 1).ToArray();
		string[] tables = split < 0 ? new string[0] : args.Skip(split + 1).ToArray();

		switch (args[0]) {
		case "check":
			return Check(files, new Contract(tables));
		case "faults":
			return Faults(files[0], new Contract(tables));
		case "run":
			return Host.Run(files[0], files.Skip(1));
		}
		return Usage();
	}

	static int Usage()
	{
		Console.Error.WriteLine("usage: psverify check|faults|run FILE… [-- TABLE…]");
		return 2;
	}

	static int Check(string[] files, Contract contract)
	{
		var library = Script.Load(files[0]);
		int found = 0;

		foreach (string file in files) {
			var script = file == files[0] ? library : Script.Load(file);
			foreach (var f in Verifier.Judge(script, library, contract)) {
				Console.WriteLine(f);
				found++;
			}
		}
		Console.WriteLine($"{files.Length} files, {Verifier.Commands} commands, {found} findings");
		return found > 0 ? 1 : 0;
	}

	static int Faults(string list, Contract contract)
	{
		var nothing = Script.Parse("library", "");
		int missed = 0;

		foreach (string line in File.ReadAllLines(list).Where(l => l.Contains('\t'))) {
			string[] part = line.Split('\t', 2);
			var kinds = Verifier.Judge(Script.Parse("snippet", part[1]), nothing, contract).Select(f => f.Kind).ToList();
			bool good = part[0] == "clean" ? kinds.Count == 0 : kinds.Contains(part[0]);
			if (good)
				continue;
			Console.WriteLine($"expected {part[0]}, found {(kinds.Count > 0 ? string.Join(" ", kinds) : "nothing")}: {part[1]}");
			missed++;
		}
		Console.WriteLine($"{missed} faults missed");
		return missed > 0 ? 1 : 0;
	}
}

/* One parsed file. */
class Script
{
	public string Name;
	public ScriptBlockAst Ast;
	public ParseError[] Errors;

	public static Script Load(string file) => Parse(file, File.ReadAllText(file));

	public static Script Parse(string name, string text)
	{
		var ast = Parser.ParseInput(text, name, out _, out ParseError[] errors);
		return new Script { Name = name, Ast = ast, Errors = errors };
	}

	public IEnumerable<string> Functions() =>
		Ast.FindAll(a => a is FunctionDefinitionAst, true).Select(a => ((FunctionDefinitionAst)a).Name);
}

class Finding
{
	public string Kind, Text;
	public IScriptExtent At;

	public override string ToString() => $"{At.File}:{At.StartLineNumber}:{At.StartColumnNumber}: {Kind}: {Text}";
}
