// The standard streams of the driver programs: they are there, and what was lost on them is an
// error.
#ifndef WEFT_DRIVER_STREAMS_H
#define WEFT_DRIVER_STREAMS_H

// First thing in main. A closed standard stream stays one that fails, but no file that is opened
// later gets its number. A file that grows beyond `ulimit -f` is an error instead of a signal.
void streams_open(void);
// Writes out what is buffered for the standard output, before something goes to stderr.
void streams_flush(void);
// Last thing in main: the exit code, or EXIT_PROGRAM_ERROR and a message if the standard output
// could not be written.
int streams_close(const char *program, int exit_code);
#endif
