/* The words of the field, each in a sentence or two, and what to do when one is stuck. */
#include "screens/guide.h"

#include "base/nls.h"

const struct guide_entry guide_words[] = {
	{ N_("Console"), N_("The computer this program runs on. It gets in to the machines over SSH; nothing is installed on them for it.") },
	{ N_("Step and task"), N_("A step is one thing to be made true, a task is that step on one machine or disk: check, apply, check again.") },
	{ N_("To do, blocked, not told"), N_("To do: the check found that it does not hold yet. Blocked: something it needs comes first; that is no mistake. Not told: the machine did not answer.") },
	{ N_("Reversible, disruptive, destructive"), N_("Reversible can be taken back with u. Disruptive stops something for a while. Destructive loses data. The last two ask right before they begin.") },
	{ N_("Node"), N_("A machine of the cluster: a hypervisor, the storage machine or the domain controller.") },
	{ N_("Hypervisor"), N_("A machine that runs virtual machines.") },
	{ N_("LUN"), N_("A disk that the storage machine lends over the network. Its number and its WWID say which one it is, wherever it is seen.") },
	{ N_("Target and initiator"), N_("The two sides of iSCSI: the target lends disks over the network, the initiator of each hypervisor uses them.") },
	{ N_("IQN"), N_("The name of one side of an iSCSI connection: of the target that lends disks, or of the initiator that uses them.") },
	{ N_("Portal"), N_("Address and port at which an iSCSI target answers, for example 10.10.20.100:3260.") },
	{ N_("Cluster"), N_("Machines that watch each other and take over each other's work.") },
	{ N_("Quorum"), N_("More than half of the votes. Only who is among them may run anything: so two halves never both believe they are the cluster.") },
	{ N_("Witness"), N_("A vote beside those of the machines, here a small shared disk. With two machines it decides who goes on.") },
	{ N_("Fencing"), N_("Making sure that a machine nobody hears from is really off before its work is begun elsewhere. Without it two machines could write to one disk.") },
	{ N_("Live migration"), N_("A virtual machine moves to another hypervisor while it runs; it is silent for a moment at most.") },
	{ N_("Failover"), N_("The work of a failed machine is begun anew on another one.") },
	{ N_("Reservation"), N_("A mark on a LUN that says which machines may write to it.") },
	{ N_("Fact"), N_("What a step's check has found to hold. Later steps begin only when the facts they need are there.") },
	{ N_("Drill"), N_("A failure or a move that is made on purpose and measured: how long the virtual machine did not answer.") },
	{ NULL, NULL },
};

const struct guide_entry guide_signs[] = {
	{ "ok", N_("All of it holds.") },
	{ "-", N_("There is something to do.") },
	{ "--", N_("It waits for an earlier chapter, or was not begun.") },
	{ ">", N_("It is being worked on.") },
	{ "?", N_("A question is open, or something could not be told.") },
	{ "!", N_("Something failed.") },
	{ NULL, NULL },
};

const struct guide_entry guide_stuck[] = {
	{ N_("I do not know what comes next"), N_("F12 in the chapters: it shows what would be done, and nothing is done before you say so.") },
	{ N_("I want to see first what would run"), N_("F4 on a step: why it exists and the exact script for this machine.") },
	{ N_("A step has failed"), N_("Its reason and a hint stand below the matrix. Mend it, then r tries again; what is done is found done.") },
	{ N_("I changed something by hand"), N_("F5 looks at all machines again and changes nothing.") },
	{ N_("The program was stopped in the middle"), N_("Open the same file again: what was begun on the machines goes on and is found again.") },
	{ NULL, NULL },
};
