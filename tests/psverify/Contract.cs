// The tables of cmdlets, and stand-ins made of them for the real binder.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

class Parameter
{
	public string Name, Type, First;
	public bool Switch, Pipeline;
	public HashSet<string> Sets, MandatorySets;
	public string[] Aliases, Allowed;
}

class Contract
{
	readonly Dictionary<string, Dictionary<string, Parameter>> cmdlets =
		new Dictionary<string, Dictionary<string, Parameter>>(StringComparer.OrdinalIgnoreCase);

	// Cmdlets of the engine itself that 4.0 has, with the parameters it has there.
	static readonly Dictionary<string, string> Core = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) {
		["ForEach-Object"] = "Process Begin End InputObject",
		["Where-Object"] = "FilterScript InputObject",
		["Get-Command"] = "Name Module CommandType",
		["Set-StrictMode"] = "Version Off",
		["Out-Null"] = "InputObject",
	};

	public static readonly string[] Common = {
		"Verbose", "Debug", "ErrorAction", "WarningAction", "ErrorVariable", "WarningVariable",
		"OutVariable", "OutBuffer", "PipelineVariable",
	};

	public Contract(IEnumerable<string> tables)
	{
		foreach (string table in tables)
			foreach (string line in File.ReadAllLines(table).Skip(1))
				Add(line.Split('\t'));
		foreach (var pair in Core)
			foreach (string name in pair.Value.Split(' '))
				Add(new[] { pair.Key, "core", name, "Object", "0", "__AllParameterSets", "", "", "", "2012R2", "1" });
		DefineStandIns();
	}

	static string[] Words(string text) => text.Split('|', StringSplitOptions.RemoveEmptyEntries);

	void Add(string[] c)
	{
		if (c.Length < 11)
			return;
		if (!cmdlets.TryGetValue(c[0], out var parameters))
			cmdlets[c[0]] = parameters = new Dictionary<string, Parameter>(StringComparer.OrdinalIgnoreCase);
		if (c[2] == "")
			return;
		parameters[c[2]] = new Parameter {
			Name = c[2], Type = c[3], Switch = c[4] == "1", Sets = Words(c[5]).ToHashSet(),
			MandatorySets = Words(c[6]).ToHashSet(), Aliases = Words(c[7]), Allowed = Words(c[8]),
			First = c[9], Pipeline = c[10] == "1",
		};
	}

	public bool Has(string cmdlet) => cmdlets.ContainsKey(cmdlet);

	public IEnumerable<Parameter> Parameters(string cmdlet) => cmdlets[cmdlet].Values;

	public Parameter Find(string cmdlet, string name) =>
		cmdlets[cmdlet].Values.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ||
			p.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

	// Every cmdlet as an advanced function in the default runspace, where the binder looks. The
	// sets are judged apart: the tables don't say which one is the default.
	void DefineStandIns()
	{
		var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
		runspace.Open();
		Runspace.DefaultRunspace = runspace;
		foreach (var cmdlet in cmdlets) {
			var text = new StringBuilder("[CmdletBinding(PositionalBinding=$false)] param(");
			text.Append(string.Join(", ", cmdlet.Value.Values.Where(p => !Common.Contains(p.Name)).Select(StandIn)));
			text.Append(")");
			runspace.SessionStateProxy.InvokeProvider.Item.Set("function:global:" + cmdlet.Key, ScriptBlock.Create(text.ToString()));
		}
	}

	static string StandIn(Parameter p)
	{
		string alias = p.Aliases.Length > 0 ? $"[Alias('{string.Join("','", p.Aliases)}')] " : "";
		string pipe = p.Pipeline ? "[Parameter(ValueFromPipeline)] " : "";
		return $"{pipe}{alias}[{(p.Switch ? "switch" : "object")}] ${{{p.Name}}}";
	}
}
