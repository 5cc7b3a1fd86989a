// The Python extension: class Weft, one method per entry of weft.h. Limited API and buffer protocol
// only, so that one file works with every Python from 3.11 on and every NumPy. The GIL is released
// while the wafer runs.
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include "host/weft.h"
#include <stdlib.h>
#include <string.h>

// A host array that an unfinished operation still uses.
typedef struct Held {
  struct Held *next;
  WeftTask task;
  Py_buffer view;
} Held;

typedef struct PyWeft {
  PyObject ob_base;
  Weft *weft;
  Held *held;
  PyObject *progress; // callable or NULL
  bool busy;          // a call has released the GIL
} PyWeft;

// ---- texts that may hold anything: names of files are bytes ----

static void set_error(const char *text)
{
  PyObject *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
  if (message)
    PyErr_SetObject(PyExc_RuntimeError, message);
  Py_XDECREF(message);
}

// A path of any kind that Python knows, or None: for PyArg_ParseTuple. *out is a bytes object or
// NULL.
static int optional_path(PyObject *value, void *out)
{
  PyObject **bytes = out;
  if (!value) {
    Py_CLEAR(*bytes);
    return 1;
  }
  return value == Py_None ? 1 : PyUnicode_FSConverter(value, out);
}

static const char *path_text(PyObject *bytes)
{
  return bytes ? PyBytes_AsString(bytes) : NULL;
}

// ---- callbacks from the running wafer ----

static void print_progress(void *arg, uint64_t cycle, uint32_t busy_tiles, const char *hottest)
{
  PyWeft *self = arg;
  PyGILState_STATE gil = PyGILState_Ensure();
  if (self->progress) {
    PyObject *r = PyObject_CallFunction(self->progress, "Kks", (unsigned long long)cycle,
                                        (unsigned long)busy_tiles, hottest ? hottest : "");
    if (!r)
      PyErr_WriteUnraisable(self->progress);
    Py_XDECREF(r);
  } else {
    PySys_FormatStderr("weft: cycle %llu, %lu busy tiles, hottest task %s\n",
                       (unsigned long long)cycle, (unsigned long)busy_tiles,
                       hottest ? hottest : "-");
  }
  PyGILState_Release(gil);
}

// A pending signal (Ctrl-C) stops the run; the exception stays set in this thread until the call
// returns.
static int check_signals(void *arg)
{
  (void)arg;
  PyGILState_STATE gil = PyGILState_Ensure();
  int stop = PyErr_CheckSignals() != 0;
  PyGILState_Release(gil);
  return stop;
}

// ---- entering and leaving libweft ----

static bool enter(PyWeft *self)
{
  if (!self->weft)
    PyErr_SetString(PyExc_RuntimeError, "the runtime is closed");
  else if (self->busy)
    PyErr_SetString(PyExc_RuntimeError, "the runtime is in use by another thread");
  else
    return self->busy = true;
  return false;
}

static void release_done(PyWeft *self)
{
  for (Held **link = &self->held; *link;) {
    Held *h = *link;
    if (weft_task_complete(self->weft, h->task)) {
      *link = h->next;
      PyBuffer_Release(&h->view);
      PyMem_Free(h);
    } else {
      link = &h->next;
    }
  }
}

// Turns the status of a call that has not run the wafer into an exception. After Ctrl-C the
// exception is already set, the report goes to stderr.
static bool leave_at_once(PyWeft *self, int status)
{
  self->busy = false;
  if (PyErr_Occurred()) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    if (status < 0)
      PySys_FormatStderr("%s\n", weft_error(self->weft));
    PyErr_Restore(type, value, trace);
    return false;
  }
  if (status < 0)
    set_error(weft_error(self->weft));
  return status >= 0;
}

// The same of a call that may have run it: arrays may be free now.
static bool leave(PyWeft *self, int status)
{
  release_done(self);
  return leave_at_once(self, status);
}

#define CALL(self, status, call)                                                                   \
  do {                                                                                             \
    Py_BEGIN_ALLOW_THREADS status = (call);                                                        \
    Py_END_ALLOW_THREADS                                                                           \
  } while (0)

static PyObject *simple(PyWeft *self, int (*function)(Weft *))
{
  int status;
  if (!enter(self))
    return NULL;
  CALL(self, status, function(self->weft));
  if (!leave(self, status))
    return NULL;
  Py_RETURN_NONE;
}

// ---- life ----

static void close_weft(PyWeft *self)
{
  if (self->weft)
    weft_close(self->weft);
  self->weft = NULL;
  while (self->held) {
    Held *h = self->held;
    self->held = h->next;
    PyBuffer_Release(&h->view);
    PyMem_Free(h);
  }
  Py_CLEAR(self->progress);
}

static void dealloc(PyObject *obj)
{
  PyTypeObject *type = Py_TYPE(obj);
  close_weft((PyWeft *)obj);
  PyObject_Free(obj);
  Py_DECREF(type);
}

static int init(PyObject *obj, PyObject *args, PyObject *kw)
{
  static char *names[] = {"dir",     "threads", "max_cycles", "exact_fabric", "shuffle", "seed",
                          "sim_log", "debug",   "progress",   "timing",       "trace",   "stats",
                          "report",  NULL};
  PyWeft *self = (PyWeft *)obj;
  WeftOptions opt = {.progress = print_progress, .interrupted = check_signals, .arg = self};
  PyObject *progress = Py_None;
  enum { DIR, SIM_LOG, TRACE, STATS, REPORT, PATHS };
  PyObject *paths[PATHS] = {0};
  unsigned threads = 0;
  unsigned long long max_cycles = 0, seed = 0;
  int exact = 0, shuffle = 0;
  bool ok = PyArg_ParseTupleAndKeywords(
      args, kw, "O&|$IKppKO&zOzO&O&O&", names, PyUnicode_FSConverter, &paths[DIR], &threads,
      &max_cycles, &exact, &shuffle, &seed, optional_path, &paths[SIM_LOG], &opt.debug, &progress,
      &opt.timing, optional_path, &paths[TRACE], optional_path, &paths[STATS], optional_path,
      &paths[REPORT]);
  if (ok) {
    close_weft(self);
    opt.threads = threads;
    opt.max_cycles = max_cycles;
    opt.exact_fabric = exact;
    opt.shuffle = shuffle;
    opt.seed = seed;
    opt.sim_log = path_text(paths[SIM_LOG]);
    opt.trace = path_text(paths[TRACE]);
    opt.stats = path_text(paths[STATS]);
    opt.report = path_text(paths[REPORT]);
    if (progress != Py_None)
      self->progress = Py_NewRef(progress);
    self->weft = weft_open(path_text(paths[DIR]), &opt);
    if (!self->weft)
      set_error(weft_open_error());
  }
  for (int i = 0; i < PATHS; i++)
    Py_XDECREF(paths[i]);
  return ok && self->weft ? 0 : -1;
}

static PyObject *py_load(PyObject *self, PyObject *unused)
{
  (void)unused;
  return simple((PyWeft *)self, weft_load);
}

static PyObject *py_run(PyObject *self, PyObject *unused)
{
  (void)unused;
  return simple((PyWeft *)self, weft_run);
}

static PyObject *py_stop(PyObject *self, PyObject *unused)
{
  (void)unused;
  return simple((PyWeft *)self, weft_stop);
}

static PyObject *py_close(PyObject *self, PyObject *unused)
{
  (void)unused;
  if (((PyWeft *)self)->weft && !enter((PyWeft *)self))
    return NULL;
  ((PyWeft *)self)->busy = false;
  close_weft((PyWeft *)self);
  Py_RETURN_NONE;
}

// ---- transfers ----

static bool get_words(PyObject *array, Py_buffer *view, bool writable)
{
  int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
  if (PyObject_GetBuffer(array, view, flags))
    return false;
  if (view->itemsize == 4)
    return true;
  PyErr_Format(PyExc_ValueError,
               "the host array has elements of %zd bytes, 4 are needed (float32, int32 or uint32)",
               view->itemsize);
  PyBuffer_Release(view);
  return false;
}

// Keeps the array of an operation that goes on, lets go of the others.
static PyObject *finish_transfer(PyWeft *self, int status, WeftTask task, Py_buffer *view,
                                 bool nonblock)
{
  bool keep = status == 0 && !weft_task_complete(self->weft, task);
  Held *h = keep ? PyMem_Calloc(1, sizeof *h) : NULL;
  if (h) {
    *h = (Held){self->held, task, *view};
    self->held = h;
  } else {
    if (keep) // out of memory: complete the operation now, so that the array can be let go of
      status = weft_task_wait(self->weft, task);
    PyBuffer_Release(view);
  }
  bool good = nonblock && status == 0 ? leave_at_once(self, status) : leave(self, status);
  return good ? PyLong_FromUnsignedLongLong(task) : NULL;
}

// (symbol, array, x, y, width, height, count, order, type, spread, streaming, nonblock[,
// row_stride, col_stride])
static bool parse_transfer(PyObject *args, int *symbol, PyObject **array, WeftCopy *c)
{
  int order, type, spread, streaming, nonblock;
  if (!PyArg_ParseTuple(args, "iOIIIIIiiipp|II", symbol, array, &c->x, &c->y, &c->width, &c->height,
                        &c->count, &order, &type, &spread, &streaming, &nonblock, &c->row_stride,
                        &c->col_stride))
    return false;
  c->order = (WeftOrder)order;
  c->type = (WeftDataType)type;
  c->spread = (WeftSpread)spread;
  c->streaming = streaming;
  c->nonblock = nonblock;
  return true;
}

static PyObject *transfer(PyWeft *self, PyObject *args, bool to_host)
{
  int symbol, status;
  PyObject *array;
  WeftCopy c = {0};
  Py_buffer view;
  WeftTask task = 0;
  if (!parse_transfer(args, &symbol, &array, &c) || !enter(self))
    return NULL;
  if (!get_words(array, &view, to_host)) {
    self->busy = false;
    return NULL;
  }
  size_t words = (size_t)view.len / 4;
  if (to_host)
    CALL(self, status, weft_d2h(self->weft, symbol, view.buf, words, &c, &task));
  else
    CALL(self, status, weft_h2d(self->weft, symbol, view.buf, words, &c, &task));
  return finish_transfer(self, status, task, &view, c.nonblock);
}

static PyObject *py_h2d(PyObject *self, PyObject *args)
{
  return transfer((PyWeft *)self, args, false);
}

static PyObject *py_d2h(PyObject *self, PyObject *args)
{
  return transfer((PyWeft *)self, args, true);
}

static PyObject *stream(PyWeft *self, PyObject *args, bool to_host)
{
  const char *port;
  PyObject *array;
  int nonblock, status;
  Py_buffer view;
  WeftTask task = 0;
  if (!PyArg_ParseTuple(args, "sOp", &port, &array, &nonblock) || !enter(self))
    return NULL;
  if (!get_words(array, &view, to_host)) {
    self->busy = false;
    return NULL;
  }
  size_t words = (size_t)view.len / 4;
  if (to_host)
    CALL(self, status, weft_receive(self->weft, port, view.buf, words, nonblock, &task));
  else
    CALL(self, status, weft_send(self->weft, port, view.buf, words, nonblock, &task));
  return finish_transfer(self, status, task, &view, nonblock);
}

static PyObject *py_send(PyObject *self, PyObject *args)
{
  return stream((PyWeft *)self, args, false);
}

static PyObject *py_receive(PyObject *self, PyObject *args)
{
  return stream((PyWeft *)self, args, true);
}

// ---- launches and tasks ----

// (name, words, nonblock); the emulator copies the words.
static PyObject *py_launch(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  const char *name;
  PyObject *words;
  int nonblock, status;
  Py_buffer view;
  WeftTask task = 0;
  if (!PyArg_ParseTuple(args, "sOp", &name, &words, &nonblock) || !enter(self))
    return NULL;
  if (!get_words(words, &view, false)) {
    self->busy = false;
    return NULL;
  }
  CALL(self, status,
       weft_launch(self->weft, name, view.buf, (size_t)view.len / 4, nonblock, &task));
  PyBuffer_Release(&view);
  return leave(self, status) ? PyLong_FromUnsignedLongLong(task) : NULL;
}

static PyObject *py_param_types(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  const char *name;
  size_t n;
  if (!PyArg_ParseTuple(args, "s", &name) || !enter(self))
    return NULL;
  const char *const *types = weft_param_types(self->weft, name, &n);
  self->busy = false;
  if (!types)
    Py_RETURN_NONE;
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < n; i++) {
    PyObject *text = PyUnicode_FromString(types[i]);
    if (!text || PyList_Append(list, text))
      Py_CLEAR(list);
    Py_XDECREF(text);
  }
  return list;
}

static PyObject *py_task_done(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned long long task;
  bool done = false;
  int status;
  if (!PyArg_ParseTuple(args, "K", &task) || !enter(self))
    return NULL;
  CALL(self, status, weft_task_done(self->weft, task, &done));
  return leave(self, status) ? PyBool_FromLong(done) : NULL;
}

static PyObject *py_task_wait(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned long long task;
  int status;
  if (!PyArg_ParseTuple(args, "K", &task) || !enter(self))
    return NULL;
  CALL(self, status, weft_task_wait(self->weft, task));
  if (!leave(self, status))
    return NULL;
  Py_RETURN_NONE;
}

// ---- looking inside ----

static PyObject *py_symbol_id(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  const char *name;
  if (!PyArg_ParseTuple(args, "s", &name) || !enter(self))
    return NULL;
  int id = weft_symbol_id(self->weft, name);
  self->busy = false;
  if (id < 0)
    Py_RETURN_NONE;
  return PyLong_FromLong(id);
}

static PyObject *py_read_symbol(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned x, y;
  const char *name;
  size_t size;
  if (!PyArg_ParseTuple(args, "IIs", &x, &y, &name) || !enter(self))
    return NULL;
  const uint8_t *bytes = weft_read_symbol(self->weft, x, y, name, &size);
  if (!leave(self, bytes ? 0 : -1))
    return NULL;
  return PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
}

static PyObject *py_text(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned x, y, number;
  if (!PyArg_ParseTuple(args, "III", &x, &y, &number) || !enter(self))
    return NULL;
  const char *text = weft_text(self->weft, x, y, number);
  if (!leave(self, text ? 0 : -1))
    return NULL;
  return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

// ---- files ----

static PyObject *with_path(PyObject *obj, PyObject *args, int (*function)(Weft *, const char *))
{
  PyWeft *self = (PyWeft *)obj;
  PyObject *path = NULL;
  int status;
  if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path))
    return NULL;
  if (!enter(self)) {
    Py_DECREF(path);
    return NULL;
  }
  CALL(self, status, function(self->weft, PyBytes_AsString(path)));
  Py_DECREF(path);
  if (!leave(self, status))
    return NULL;
  Py_RETURN_NONE;
}

static PyObject *py_write_snapshot(PyObject *obj, PyObject *args)
{
  return with_path(obj, args, weft_write_snapshot);
}

// ---- what only asks ----

// The runtime for a question that is answered at once, with the GIL held; NULL with an exception.
static Weft *ask(PyObject *obj)
{
  PyWeft *self = (PyWeft *)obj;
  if (!enter(self))
    return NULL;
  self->busy = false;
  return self->weft;
}

// (width, height, offset_x, offset_y)
static PyObject *py_geometry(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  uint32_t width, height, x, y;
  (void)unused;
  if (!w)
    return NULL;
  weft_geometry(w, &width, &height, &x, &y);
  return Py_BuildValue("(IIII)", width, height, x, y);
}

static PyObject *py_arch(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  (void)unused;
  return w ? PyUnicode_FromString(weft_arch(w)) : NULL;
}

static PyObject *py_has_memcpy(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  (void)unused;
  return w ? PyBool_FromLong(weft_has_memcpy(w)) : NULL;
}

static PyObject *py_stats(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  WeftStats s;
  (void)unused;
  if (!w)
    return NULL;
  weft_stats(w, &s);
  return Py_BuildValue("{sKsKsKsKsKsIsdsz}", "cycles", (unsigned long long)s.cycles, "instructions",
                       (unsigned long long)s.instructions, "dsd_elements",
                       (unsigned long long)s.dsd_elements, "wavelet_hops",
                       (unsigned long long)s.wavelet_hops, "busy_tile_cycles",
                       (unsigned long long)s.busy_tile_cycles, "tiles", s.tiles, "wall_seconds",
                       s.wall_seconds, "timing", weft_timing(w));
}

static PyObject *py_timing_value(PyObject *obj, PyObject *args)
{
  const char *name;
  Weft *w = ask(obj);
  if (!w || !PyArg_ParseTuple(args, "s", &name))
    return NULL;
  int value = weft_timing_value(w, name);
  if (value < 0)
    PyErr_Format(PyExc_KeyError, "no timing parameter '%s', or load() has not been called", name);
  return value < 0 ? NULL : PyLong_FromLong(value);
}

static PyObject *py_tile_stats(PyObject *obj, PyObject *args)
{
  unsigned x, y;
  WeftTileStats s;
  Weft *w = ask(obj);
  if (!w || !PyArg_ParseTuple(args, "II", &x, &y))
    return NULL;
  if (weft_tile_stats(w, x, y, &s))
    Py_RETURN_NONE;
  return Py_BuildValue("{sKsKsKsKsK}", "busy", (unsigned long long)s.busy, "stalled",
                       (unsigned long long)s.stalled, "idle", (unsigned long long)s.idle,
                       "wavelets_in", (unsigned long long)s.wavelets_in, "wavelets_out",
                       (unsigned long long)s.wavelets_out);
}

// ---- checkpoint and resume ----

static PyObject *py_checkpoint(PyObject *obj, PyObject *args)
{
  return with_path(obj, args, weft_checkpoint);
}

static PyObject *py_resume(PyObject *obj, PyObject *args)
{
  return with_path(obj, args, weft_resume);
}

static PyObject *py_advance(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned long long cycles;
  bool rest = false;
  int status;
  if (!PyArg_ParseTuple(args, "K", &cycles) || !enter(self))
    return NULL;
  CALL(self, status, weft_advance(self->weft, cycles, &rest));
  return leave(self, status) ? PyBool_FromLong(!rest) : NULL;
}

static PyObject *py_rebind(PyObject *obj, PyObject *args)
{
  PyWeft *self = (PyWeft *)obj;
  unsigned long long task;
  PyObject *array;
  Py_buffer view;
  if (!PyArg_ParseTuple(args, "KO", &task, &array) || !enter(self))
    return NULL;
  if (!get_words(array, &view, true)) {
    self->busy = false;
    return NULL;
  }
  int status = weft_rebind(self->weft, task, view.buf, (size_t)view.len / 4);
  if (status == 0)
    return finish_transfer(self, status, task, &view, true);
  PyBuffer_Release(&view);
  leave(self, status);
  return NULL;
}

static PyObject *py_waits(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  (void)unused;
  if (!w)
    return NULL;
  const char *text = weft_waits(w);
  return PyUnicode_FromString(text ? text : "");
}

static PyObject *py_leftovers(PyObject *obj, PyObject *unused)
{
  Weft *w = ask(obj);
  (void)unused;
  if (!w)
    return NULL;
  const char *text = weft_leftovers(w);
  return PyUnicode_FromString(text ? text : "");
}

static PyMethodDef methods[] = {
    {"load", py_load, METH_NOARGS, "weft_load"},
    {"run", py_run, METH_NOARGS, "weft_run"},
    {"stop", py_stop, METH_NOARGS, "weft_stop"},
    {"leftovers", py_leftovers, METH_NOARGS, "leftovers() -> text, empty if there are none"},
    {"close", py_close, METH_NOARGS, "weft_close"},
    {"symbol_id", py_symbol_id, METH_VARARGS, "symbol_id(name) -> int or None"},
    {"h2d", py_h2d, METH_VARARGS,
     "h2d(symbol, array, x, y, w, h, count, order, type, spread, streaming, nonblock)"},
    {"d2h", py_d2h, METH_VARARGS,
     "d2h(symbol, array, x, y, w, h, count, order, type, spread, streaming, nonblock)"},
    {"launch", py_launch, METH_VARARGS, "launch(name, words, nonblock) -> task"},
    {"param_types", py_param_types, METH_VARARGS,
     "param_types(name) -> list of type names, None if no function"},
    {"task_done", py_task_done, METH_VARARGS, "task_done(task) -> bool"},
    {"task_wait", py_task_wait, METH_VARARGS, "task_wait(task)"},
    {"send", py_send, METH_VARARGS, "send(port, array, nonblock) -> task"},
    {"receive", py_receive, METH_VARARGS, "receive(port, array, nonblock) -> task"},
    {"read_symbol", py_read_symbol, METH_VARARGS, "read_symbol(x, y, name) -> bytes"},
    {"text", py_text, METH_VARARGS, "text(x, y, number) -> str"},
    {"write_snapshot", py_write_snapshot, METH_VARARGS, "write_snapshot(path)"},
    {"geometry", py_geometry, METH_NOARGS, "(width, height, offset_x, offset_y)"},
    {"arch", py_arch, METH_NOARGS, "name of the architecture"},
    {"has_memcpy", py_has_memcpy, METH_NOARGS, "compiled with --memcpy"},
    {"checkpoint", py_checkpoint, METH_VARARGS, "checkpoint(path)"},
    {"resume", py_resume, METH_VARARGS, "resume(path), instead of load and run"},
    {"advance", py_advance, METH_VARARGS, "advance(cycles) -> whether something can still move"},
    {"rebind", py_rebind, METH_VARARGS, "rebind(task, array) -> task"},
    {"waits", py_waits, METH_NOARGS, "what waits for what, as JSON"},
    {"stats", py_stats, METH_NOARGS, "counters of the whole run"},
    {"timing_value", py_timing_value, METH_VARARGS, "timing_value(name) -> int"},
    {"tile_stats", py_tile_stats, METH_VARARGS,
     "tile_stats(x, y) -> counters of one tile, None without a program"},
    {0}};

static PyType_Slot slots[] = {{Py_tp_init, init},
                              {Py_tp_dealloc, dealloc},
                              {Py_tp_methods, methods},
                              {Py_tp_doc, "A compiled program."},
                              {0}};
static PyType_Spec spec = {
    .name = "_weft.Weft", .basicsize = sizeof(PyWeft), .flags = Py_TPFLAGS_DEFAULT, .slots = slots};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_weft", "libweft for Python", -1, NULL, 0, 0, 0, 0};

PyMODINIT_FUNC PyInit__weft(void);
PyMODINIT_FUNC PyInit__weft(void)
{
  PyObject *m = PyModule_Create(&module);
  PyObject *type = m ? PyType_FromSpec(&spec) : NULL;
  if (!type || PyModule_AddObjectRef(m, "Weft", type) ||
      PyModule_AddStringConstant(m, "version", weft_version()))
    Py_CLEAR(m);
  Py_XDECREF(type);
  return m;
}
