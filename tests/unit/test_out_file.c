// Unit tests of files that appear whole or not at all.
#include "suite.h"
#include "support/out_file.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64]; // a fresh folder per test, the working folder

static void setup(void)
{
  strcpy(root, "test_out_file.XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(root));
  ck_assert_int_eq(chdir(root), 0);
}

static void teardown(void)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", root);
  ck_assert_int_eq(chdir(".."), 0);
  ck_assert_int_eq(system(command), 0);
}

static bool write_text(const char *path, const char *text, bool keep)
{
  OutFile f;
  if (!out_file_open(&f, path))
    return false;
  fputs(text, f.out);
  return out_file_close(&f, keep);
}

static const char *read_text(const char *path)
{
  static char text[64];
  FILE *in = fopen(path, "r");
  ck_assert_ptr_nonnull(in);
  size_t n = fread(text, 1, sizeof text - 1, in);
  fclose(in);
  text[n] = 0;
  return text;
}

static unsigned files_here(void)
{
  unsigned n = 0;
  DIR *d = opendir(".");
  for (struct dirent *e; (e = readdir(d));)
    n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
  closedir(d);
  return n;
}

START_TEST(new_file_is_there_when_closed)
{
  OutFile f;
  ck_assert(out_file_open(&f, "new"));
  fputs("text", f.out);
  fflush(f.out);
  ck_assert_int_ne(access("new", F_OK), 0);
  ck_assert(out_file_close(&f, true));
  ck_assert_str_eq(read_text("new"), "text");
  ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(old_file_stays_until_then)
{
  OutFile f;
  ck_assert(write_text("file", "old", true));
  ck_assert_int_eq(chmod("file", 0640), 0);
  ck_assert(out_file_open(&f, "file"));
  fputs("new", f.out);
  fflush(f.out);
  ck_assert_str_eq(read_text("file"), "old");
  ck_assert(out_file_close(&f, true));
  ck_assert_str_eq(read_text("file"), "new");
  struct stat st;
  ck_assert_int_eq(stat("file", &st), 0);
  ck_assert_uint_eq(st.st_mode & 0777, 0640);
  ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(not_kept_is_not_there)
{
  ck_assert(write_text("file", "old", true));
  ck_assert(write_text("file", "new", false));
  ck_assert_str_eq(read_text("file"), "old");
  ck_assert(write_text("other", "new", false));
  ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(links_stay_links)
{
  struct stat st;
  ck_assert_int_eq(mkdir("sub", 0777), 0);
  ck_assert(write_text("sub/file", "old", true));
  ck_assert_int_eq(symlink("sub/file", "link"), 0);
  ck_assert_int_eq(symlink("sub/later", "ahead"), 0);
  ck_assert(write_text("link", "new", true));
  ck_assert(write_text("ahead", "first", true));
  ck_assert_str_eq(read_text("sub/file"), "new");
  ck_assert_str_eq(read_text("sub/later"), "first");
  ck_assert_int_eq(lstat("link", &st), 0);
  ck_assert(S_ISLNK(st.st_mode));
  ck_assert_int_eq(lstat("ahead", &st), 0);
  ck_assert(S_ISLNK(st.st_mode));
}
END_TEST

START_TEST(longest_name)
{
  char name[256] = {0};
  memset(name, 'n', 255);
  ck_assert(write_text(name, "text", true));
  ck_assert_str_eq(read_text(name), "text");
}
END_TEST

START_TEST(devices_are_written_where_they_are)
{
  ck_assert(write_text("/dev/null", "text", true));
  ck_assert(write_text("/dev/null", "text", false));
  ck_assert(!write_text("/dev/full", "text", true));
  ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(reasons)
{
  ck_assert_int_eq(mkdir("folder", 0777), 0);
  ck_assert(!write_text("folder", "text", true));
  ck_assert_int_eq(errno, EISDIR);
  ck_assert(!write_text("no/such", "text", true));
  ck_assert_int_eq(errno, ENOENT);
  ck_assert(!write_text("", "text", true));
  ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(no_space)
{
  ck_assert(write_text("file", "old", true));
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit none = {0, RLIM_INFINITY};
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
  bool ok = write_text("file", "new", true);
  int error = errno;
  struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
  ck_assert(!ok);
  ck_assert_int_eq(error, EFBIG);
  ck_assert_str_eq(read_text("file"), "old");
  ck_assert_uint_eq(files_here(), 1);
}
END_TEST

START_TEST(lost_earlier_is_lost)
{
  FILE *out = fopen("/dev/full", "w");
  char much[1 << 16] = {1};
  ck_assert(out_stream_ok(out));
  fwrite(much, 1, sizeof much, out);
  ck_assert(!out_stream_ok(out));
  ck_assert_int_ne(errno, 0);
  fclose(out);
}
END_TEST

START_TEST(possible_leaves_nothing)
{
  ck_assert(out_file_possible("file"));
  ck_assert_uint_eq(files_here(), 0);
  ck_assert(write_text("file", "old", true));
  ck_assert(out_file_possible("file"));
  ck_assert_str_eq(read_text("file"), "old");
  ck_assert(!out_file_possible("no/such"));
  ck_assert_int_eq(errno, ENOENT);
  ck_assert(!out_file_possible("."));
  ck_assert_int_eq(errno, EISDIR);
}
END_TEST

Suite *suite(void)
{
  Suite *s = suite_create("out_file");
  TCase *t = tcase_create("out_file");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_test(t, new_file_is_there_when_closed);
  tcase_add_test(t, old_file_stays_until_then);
  tcase_add_test(t, not_kept_is_not_there);
  tcase_add_test(t, links_stay_links);
  tcase_add_test(t, longest_name);
  tcase_add_test(t, devices_are_written_where_they_are);
  tcase_add_test(t, reasons);
  tcase_add_test(t, no_space);
  tcase_add_test(t, lost_earlier_is_lost);
  tcase_add_test(t, possible_leaves_nothing);
  suite_add_tcase(s, t);
  return s;
}
