/* Prints the manual page bascule-cluster-file(5): the settings come from the field table, so that
 * the page cannot lie about them. `make -C BUILD man-pages` writes it into the source. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "engine/field.h"

static const char head[] =
	".TH BASCULE\\-CLUSTER\\-FILE 5 \"\" bascule \"File formats\"\n"
	".SH NAME\n"
	"bascule\\-cluster\\-file \\- the description of a cluster\n"
	".SH DESCRIPTION\n"
	"A cluster file says what a cluster shall be: its networks, machines, storage and virtual\n"
	"machines. It is read by\n"
	".BR bascule (8),\n"
	"which shows every mistake with its line and changes nothing while there is one.\n"
	"It holds no secret: passwords are asked for.\n"
	".PP\n"
	"It is a text file in UTF\\-8 of at most 1\\ MiB.\n"
	".TP\n"
	"\\fB[\\fIsection name\\fB]\\fR\n"
	"begins a section. The first word is its kind, all that follows up to the last bracket is\n"
	"the name, with blanks and quotes as they are.\n"
	".TP\n"
	"\\fIkey\\fB = \\fIvalue\\fR\n"
	"is a setting of the section. Each key stands once, and each section as well. What is not\n"
	"written has its default.\n"
	".TP\n"
	"\\fB#\\fR or \\fB;\\fR in the first column\n"
	"begins a comment. Anywhere else they belong to the value.\n"
	".TP\n"
	"blanks in the first column\n"
	"continue the value of the line above.\n"
	".PP\n"
	"When bascule writes the file, comments, order and blank lines stay.\n";

static const char tail[] =
	".SH FILES\n"
	".TP\n"
	".I etc/tutorial.ini\n"
	"The tutorial's cluster, with comments for a first reader.\n"
	".TP\n"
	".IR etc/three\\-nodes.ini \", \" etc/hyperv.ini \", \" etc/two\\-domains.ini \", \" etc/one\\-nic.ini\n"
	"Other layouts, with comments on what differs.\n"
	".SH SEE ALSO\n"
	".BR bascule (8)\n";

static const char *const section_texts[SECTION__COUNT] = {
	[SECTION_CLUSTER] = "The cluster as its clients see it.",
	[SECTION_DOMAIN] = "The domain that the machines are in.",
	[SECTION_HYPERVISOR] = "What is alike on every hypervisor.",
	[SECTION_QUORUM] = "How the nodes agree who goes on when they lose sight of each other.",
	[SECTION_NETWORK] = "One network.",
	[SECTION_NODE] = "One machine.",
	[SECTION_TARGET] = "One iSCSI target.",
	[SECTION_LUN] = "One LUN of a target.",
	[SECTION_VM] = "One virtual machine.",
};

static const char *const type_words[] = {
	[FIELD_TEXT] = "text", [FIELD_NAME] = "name", [FIELD_HOST] = "host",
	[FIELD_ADDR] = "address", [FIELD_CIDR] = "address/prefix", [FIELD_IQN] = "IQN",
	[FIELD_PATH] = "path", [FIELD_SIZE] = "size", [FIELD_U16] = "number",
	[FIELD_U32] = "number", [FIELD_BOOL] = "yes|no", [FIELD_CHOICE] = "word",
	[FIELD_ROLES] = "words", [FIELD_NICS] = "network [address/prefix] [manage|switch]",
};

static void
print_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
}

static void
print_choices(const struct field *f)
{
	for (int i = 0; f->choices[i]; i++) {
		fputs(i ? "|" : "", stdout);
		print_text(f->choices[i]);
	}
}

static void
print_size_or_number(const struct field *f, uint64_t n)
{
	CLEAN_STR text = STR_INIT(40);

	if (f->type == FIELD_SIZE)
		size_print(n, &text);
	else
		str_addf(&text, "%llu", (unsigned long long)n);
	print_text(str_text(&text));
}

static void
print_limits(const struct field *f)
{
	if (f->required)
		puts("Must be given.");
	if (f->fallback) {
		fputs("Default: ", stdout);
		print_text(f->fallback);
		if (f->fallback_hyperv) {
			fputs("; with platform = hyperv: ", stdout);
			print_text(f->fallback_hyperv);
		}
		puts(".");
	}
	if (f->max) {
		fputs("From ", stdout);
		print_size_or_number(f, f->min);
		fputs(" to ", stdout);
		print_size_or_number(f, f->max);
		puts(".");
	}
}

static void
print_field(const struct field *f)
{
	printf(".TP\n\\fB");
	print_text(f->key);
	printf("%s = \\fI", f->type == FIELD_NICS ? ".\\fINAME\\fB" : "");
	if (f->choices)
		print_choices(f);
	else
		print_text(type_words[f->type]);
	printf("\\fR\n");
	print_text(f->help);
	putchar('\n');
	print_limits(f);
}

static void
print_section(enum section s)
{
	printf(".SS [%s%s]\n%s\n", section_names[s], section_is_named(s) ? " NAME" : "",
	       section_texts[s]);
	for (size_t i = 0; i < nfields; i++) {
		if (fields[i].section != s)
			continue;
		if (fields[i].title)
			printf("NAME: %s\n", fields[i].help);
		else
			print_field(&fields[i]);
	}
}

int
main(void)
{
	fputs(head, stdout);
	puts(".SH SETTINGS");
	for (int s = 0; s < SECTION__COUNT; s++)
		print_section((enum section)s);
	fputs(tail, stdout);
	return ferror(stdout) != 0;
}
