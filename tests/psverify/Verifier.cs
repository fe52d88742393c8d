// What a script may not do: syntax that PowerShell 4.0 lacks, commands that nobody knows, and
// arguments that the real binder or the tables refuse.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;

static class Verifier
{
	public static int Commands;

	static readonly string[] Programs = { "klist.exe", "iscsicli.exe" };

	static readonly string[] Absent = {
		"New-Guid", "Get-ItemPropertyValue", "Get-ComputerInfo", "Get-LocalUser", "Get-LocalGroup", "New-LocalUser",
		"Get-TimeZone", "Set-TimeZone", "Write-Information", "Get-WindowsCapability", "Add-WindowsCapability",
		"ConvertFrom-SddlString", "Compress-Archive", "Expand-Archive", "New-TemporaryFile", "Format-Hex",
		"Get-Clipboard", "Set-Clipboard", "Join-String", "Test-Json", "Get-Uptime", "Get-Error",
	};

	// First seen there: not newer than the oldest server, 2012 R2 with PowerShell 4.0.
	static readonly string[] Floor = { "2012R2", "PS3", "PS4" };

	// Commands that would ask: hyperv.md's rule, with the switch that keeps them quiet.
	static readonly Dictionary<string, string> Asks = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) {
		["Remove-Cluster"] = "Force", ["Remove-ClusterGroup"] = "Force", ["Remove-ClusterNode"] = "Force",
		["Remove-ClusterResource"] = "Force", ["Stop-Cluster"] = "Force", ["Remove-VM"] = "Force",
		["Remove-VMSwitch"] = "Force", ["Add-Computer"] = "Force", ["Remove-Computer"] = "Force",
		["Rename-Computer"] = "Force", ["Restart-Computer"] = "Force", ["Install-ADDSForest"] = "Force",
		["Clear-Disk"] = "Confirm", ["Remove-Partition"] = "Confirm", ["Format-Volume"] = "Confirm",
		["Disconnect-IscsiTarget"] = "Confirm", ["Remove-IscsiTargetPortal"] = "Confirm",
		["Remove-NetIPAddress"] = "Confirm", ["Remove-NetRoute"] = "Confirm",
		["Unregister-ScheduledTask"] = "Confirm", ["Remove-ADComputer"] = "Confirm", ["Remove-ADObject"] = "Confirm",
	};

	public static IEnumerable<Finding> Judge(Script script, Script library, Contract contract)
	{
		var known = script.Functions().Concat(library.Functions()).ToHashSet(StringComparer.OrdinalIgnoreCase);

		foreach (var e in script.Errors)
			yield return new Finding { Kind = "syntax", Text = e.Message, At = e.Extent };
		foreach (var ast in script.Ast.FindAll(a => true, true)) {
			string newer = Newer(ast);
			if (newer != null)
				yield return new Finding { Kind = "newer", Text = newer + " is newer than PowerShell 4.0", At = ast.Extent };
			if (ast is CommandAst command)
				foreach (var f in JudgeCommand(command, known, contract))
					yield return f;
		}
	}

	// The name of a construct that 4.0 does not know, or null.
	static string Newer(Ast ast) => ast switch {
		TernaryExpressionAst => "? :",
		PipelineChainAst => "&& or ||",
		TypeDefinitionAst => "class or enum",
		UsingStatementAst => "using",
		BinaryExpressionAst b when b.Operator == TokenKind.QuestionQuestion => "??",
		AssignmentStatementAst a when a.Operator == TokenKind.QuestionQuestionEquals => "??=",
		InvokeMemberExpressionAst i when i.Static && i.Member is StringConstantExpressionAst m &&
			m.Value.Equals("new", StringComparison.OrdinalIgnoreCase) => "[type]::new()",
		MemberExpressionAst m when m.NullConditional => "?.",
		IndexExpressionAst i when i.NullConditional => "?[]",
		ScriptBlockAst s when s.CleanBlock != null => "clean",
		PipelineAst p when p.Background => "&",
		_ => null,
	};

	static IEnumerable<Finding> JudgeCommand(CommandAst command, HashSet<string> known, Contract contract)
	{
		string name = command.GetCommandName();

		Commands++;
		if (name == null || known.Contains(name))
			yield break; // called through a variable, or a function of ours
		if (Absent.Contains(name, StringComparer.OrdinalIgnoreCase)) {
			yield return Found("newer", $"{name} is newer than PowerShell 4.0", command);
		} else if (!contract.Has(name)) {
			if (!Programs.Contains(name))
				yield return Found("unknown", $"no command '{name}'", command);
		} else {
			foreach (var f in JudgeArguments(name, command, contract))
				yield return f;
		}
	}

	static Finding Found(string kind, string text, Ast at) => new Finding { Kind = kind, Text = text, At = at.Extent };

	static IEnumerable<Finding> JudgeArguments(string name, CommandAst command, Contract contract)
	{
		var bound = new Dictionary<Parameter, CommandElementAst>();
		StaticBindingResult binding = StaticParameterBinder.BindCommand(command, true);

		foreach (var f in JudgeNames(name, command, contract))
			yield return f;
		foreach (var error in binding.BindingExceptions)
			if (error.Value.BindingException.ErrorId != "AmbiguousParameterSet")
				yield return Found(error.Value.BindingException.ErrorId.Contains("Positional") ? "positional" : "binding",
					$"{name}: {error.Value.BindingException.Message}", command);
		foreach (var pair in binding.BoundParameters) {
			Parameter p = contract.Find(name, pair.Key);
			if (p == null)
				continue;
			bound[p] = pair.Value.Value;
			foreach (var f in JudgeValue(name, p, pair.Value.Value, command))
				yield return f;
		}
		var given = bound.Keys.Union(Written(name, command, contract)).ToList();
		foreach (var f in JudgeSets(name, command, given, contract))
			yield return f;
		if (Asks.TryGetValue(name, out string quiet) && !given.Any(p => p.Name == quiet))
			yield return Found("asks", $"{name} would ask: give it -{quiet}", command);
	}

	// Names must be written in full, exist, and exist on the oldest server.
	static IEnumerable<Finding> JudgeNames(string name, CommandAst command, Contract contract)
	{
		foreach (var element in command.CommandElements) {
			if (element is VariableExpressionAst v && v.Splatted)
				yield return Found("splat", $"{name}: a splat cannot be judged", element);
			if (!(element is CommandParameterAst p) || Contract.Common.Contains(p.ParameterName, StringComparer.OrdinalIgnoreCase))
				continue;
			Parameter found = contract.Find(name, p.ParameterName);
			if (found == null) {
				bool begun = contract.Parameters(name).Any(x => x.Name.StartsWith(p.ParameterName, StringComparison.OrdinalIgnoreCase));
				yield return Found(begun ? "abbreviated" : "parameter", $"{name} has no parameter -{p.ParameterName}", p);
			} else if (!Floor.Contains(found.First)) {
				yield return Found("newer", $"{name} -{p.ParameterName} is there since {found.First} only", p);
			} else if (!found.Switch && p.Argument == null && !HasArgument(command, p)) {
				yield return Found("binding", $"{name} -{p.ParameterName} lacks its value", p);
			}
		}
	}

	static bool HasArgument(CommandAst command, CommandParameterAst p)
	{
		int next = command.CommandElements.IndexOf(p) + 1;
		return next < command.CommandElements.Count && !(command.CommandElements[next] is CommandParameterAst);
	}

	// The binder leaves out some that are written -Name:value.
	static IEnumerable<Parameter> Written(string name, CommandAst command, Contract contract) =>
		command.CommandElements.OfType<CommandParameterAst>().Select(p => contract.Find(name, p.ParameterName)).Where(p => p != null);

	static IEnumerable<Finding> JudgeValue(string name, Parameter p, CommandElementAst value, Ast at)
	{
		var texts = value == null ? new List<string>() : Constants(value).ToList();

		foreach (string text in texts) {
			if (p.Type == "Boolean")
				yield return Found("value", $"{name} -{p.Name} takes $true or $false, not '{text}'", at);
			var compare = p.Type.StartsWith("String") ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
			if (p.Allowed.Length > 0 && !p.Allowed.Contains(text, compare))
				yield return Found("value", $"{name} -{p.Name} takes {string.Join("|", p.Allowed)}, not '{text}'", at);
		}
	}

	// The literal texts of an argument; what is computed cannot be judged.
	static IEnumerable<string> Constants(Ast value) => value switch {
		StringConstantExpressionAst s => new[] { s.Value },
		ConstantExpressionAst c => new[] { Convert.ToString(c.Value) },
		ArrayLiteralAst a => a.Elements.SelectMany(Constants),
		ArrayExpressionAst a => a.SubExpression.Statements.OfType<PipelineAst>()
			.SelectMany(p => p.PipelineElements.OfType<CommandExpressionAst>()).SelectMany(e => Constants(e.Expression)),
		_ => Enumerable.Empty<string>(),
	};

	// Is there a parameter set that has all of them and lacks nothing mandatory?
	static IEnumerable<Finding> JudgeSets(string name, CommandAst command, List<Parameter> bound, Contract contract)
	{
		const string All = "__AllParameterSets";
		bool piped = command.Parent is PipelineAst line && line.PipelineElements[0] != command;
		var all = contract.Parameters(name).ToList();
		var sets = all.SelectMany(p => p.Sets).Where(s => !s.StartsWith("__All")).Distinct().DefaultIfEmpty(All).ToList();
		bool In(Parameter p, string set) => p.Sets.Contains(set) || p.Sets.Any(s => s.StartsWith("__All"));
		var possible = sets.Where(s => bound.All(p => In(p, s))).ToList();

		if (possible.Count == 0) {
			yield return Found("set", $"{name}: no parameter set has {string.Join(" ", bound.Select(p => "-" + p.Name))} together", command);
			yield break;
		}
		List<Parameter> Missing(string set) => all.Where(p => !bound.Contains(p) &&
			(p.MandatorySets.Contains(set) || (p.MandatorySets.Any(s => s.StartsWith("__All")) && In(p, set))) &&
			!(piped && p.Pipeline)).ToList();
		if (!possible.Any(s => Missing(s).Count == 0))
			yield return Found("mandatory", $"{name} would ask for -{Missing(possible[0])[0].Name}", command);
	}
}
