#include "call.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

/* The next word belongs to them. */
static const char *const WITH_VALUE[] = {
    "-o", "-x", "-I", "-D", "-U", "-L", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-isysroot",
    "-MF", "-MT", "-MQ", "--param", "-target", NULL,
};

/* The answer depends on other files than the compiler tells of, or there are others than the one named by -o. */
static const char *const BEYOND_US[] = {
    "@", "-fplugin", "-fprofile", "-fauto-profile", "-fcs-profile", "-ftest-coverage", "--coverage", "-coverage",
    "-fdump", "-fstack-usage", "-fcallgraph-info", "-fsave-optimization-record", "-foptimization-record", "-fmodule",
    "-save-temps", "--save-temps", "-gsplit-dwarf", "-dumpdir", "-dumpbase", "-dumpfullversion", "-specs", "--specs",
    "-wrapper", "-Wa,-a", "-Xassembler", "-Xclang", "-Xpreprocessor", "-print", "--print", "-MG", "-MJ", "-M", NULL,
};

static bool begins(const char *word, const char *with) {
    return strncmp(word, with, strlen(with)) == 0;
}

static bool is_among(const char *word, const char *const *words) {
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* -M… is about dependencies: what is asked for with a file to write them to is understood. */
static bool is_beyond_us(const char *word) {
    for (const char *const *prefix = BEYOND_US; *prefix; prefix++)
        if (begins(word, *prefix)) return true;
    if (!begins(word, "-Wp,")) return false;
    return !begins(word, "-Wp,-MD,") && !begins(word, "-Wp,-MMD,") && !begins(word, "-Wp,-MT,") && !begins(word, "-Wp,-D");
}

/* -fsomething=FILE: what is in the file decides, too. */
static bool names_file(const char *word) {
    struct stat about;
    const char *value = strchr(word, '=');
    return value && stat(value + 1, &about) == 0 && S_ISREG(about.st_mode);
}

static const char *after(const char *word, const char *prefix) {
    return begins(word, prefix) ? word + strlen(prefix) : NULL;
}

static const char *named_depfile(const char *word) {
    const char *file = after(word, "-Wp,-MMD,");
    return file ? file : after(word, "-Wp,-MD,");
}

static bool is_about_dependencies(const char *word) {
    return strcmp(word, "-MD") == 0 || strcmp(word, "-MMD") == 0 || strcmp(word, "-MP") == 0 || begins(word, "-MT") ||
           begins(word, "-MQ");
}

struct call read_call(char **argv) {
    struct call call = {.kind = CALL_OTHER}, other = call;
    int inputs = 0, modes = 0;
    bool is_text = false, reads_more = false, has_output = false;
    for (char **at = argv + 1; *at; at++) {
        const char *word = *at, *value = is_among(word, WITH_VALUE) ? at[1] : NULL;
        if (begins(word, "-o")) {
            if (has_output) return other;
            has_output = true;
            call.output = word[2] ? word + 2 : value;
        } else if (begins(word, "-MF")) {
            call.depfile = word[3] ? word + 3 : value;
        } else if (named_depfile(word)) {
            if (call.depfile) return other;
            call.depfile = named_depfile(word);
        } else if (strcmp(word, "-c") == 0 || strcmp(word, "-S") == 0 || strcmp(word, "-E") == 0) {
            modes++;
            is_text = is_text || word[1] == 'E';
        } else if (strcmp(word, "-include") == 0 || strcmp(word, "-imacros") == 0) {
            reads_more = true;
        } else if (word[0] != '-' || word[1] == 0) {
            inputs++;
            call.input = word;
        } else if (!is_about_dependencies(word) && (is_beyond_us(word) || names_file(word))) {
            return other;
        }
        if (value) at++;
        else if (is_among(word, WITH_VALUE)) return other;
    }
    if (inputs != 1 || modes == 0) return other;
    if (call.output && strcmp(call.output, "-") == 0) call.output = NULL;
    bool is_probe = strcmp(call.input, "-") == 0 || strcmp(call.input, "/dev/null") == 0;
    if (is_probe) {
        if (call.depfile || reads_more || (!has_output && !is_text)) return other;
        call.kind = CALL_PROBE;
    } else if (call.output && call.depfile) {
        call.kind = CALL_COMPILE;
    }
    return call;
}
