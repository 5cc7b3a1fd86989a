// DWARF 4: functions and lines. Lines are always made, because the image keeps a line table of its
// own.
#include "backend/llvm/gen.h"
#include "support/memory.h"
#include <stb/stb_ds.h>
#include <stdlib.h>
#include <string.h>

static SrcPlace place_of(const Gen *g, SrcPos pos)
{
  return g->opt->sources ? src_place(g->opt->sources, pos) : (SrcPlace){0};
}

static LLVMMetadataRef make_file(Gen *g, const char *path)
{
  return LLVMDIBuilderCreateFile(g->di, path, strlen(path), ".", 1);
}

static LLVMMetadataRef file_of(Gen *g, const SrcFile *file)
{
  for (ptrdiff_t i = 0; i < arrlen(g->opt->sources->files); i++)
    if (g->opt->sources->files[i] == file) {
      if (!g->files[i])
        g->files[i] = make_file(g, file->path);
      return g->files[i];
    }
  return make_file(g, file->path);
}

static void flag(Gen *g, const char *name, unsigned value)
{
  LLVMAddModuleFlag(g->mod, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                    LLVMValueAsMetadata(i32_const(g, value)));
}

void debug_begin(Gen *g)
{
  if (!g->opt->sources || !arrlen(g->opt->sources->files))
    return;
  g->files = mem_zeroed(arrlenu(g->opt->sources->files), sizeof *g->files);
  flag(g, "Debug Info Version", LLVMDebugMetadataVersion());
  flag(g, "Dwarf Version", 4);
  g->di = LLVMCreateDIBuilder(g->mod);
  const char *producer = "weft";
  g->unit = LLVMDIBuilderCreateCompileUnit(
      g->di, LLVMDWARFSourceLanguageC99, make_file(g, g->m->name), producer, strlen(producer), true,
      "", 0, 0, "", 0, g->opt->debug ? LLVMDWARFEmissionFull : LLVMDWARFEmissionLineTablesOnly, 0,
      false, false, "", 0, "", 0);
}

void debug_function(Gen *g, LLVMValueRef fn, const char *name, SrcPos pos)
{
  SrcPlace at = place_of(g, pos);
  g->func_pos = pos;
  g->subprogram = NULL;
  if (!g->di)
    return;
  LLVMMetadataRef file = at.file ? file_of(g, at.file) : make_file(g, g->m->name);
  LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(g->di, file, NULL, 0, LLVMDIFlagZero);
  g->subprogram = LLVMDIBuilderCreateFunction(
      g->di, g->unit, name, strlen(name), name, strlen(name), file, at.line, type,
      LLVMGetLinkage(fn) == LLVMInternalLinkage, true, at.line, LLVMDIFlagZero, true);
  LLVMSetSubprogram(fn, g->subprogram);
}

// Code of one function may come from several files (inlined by sema): then the scope names the
// file.
static LLVMMetadataRef scope_of(Gen *g, const SrcFile *file)
{
  SrcPlace home = place_of(g, g->func_pos);
  if (!file || file == home.file)
    return g->subprogram;
  return LLVMDIBuilderCreateLexicalBlockFile(g->di, g->subprogram, file_of(g, file), 0);
}

void debug_at(Gen *g, SrcPos pos)
{
  if (!g->subprogram)
    return;
  SrcPlace at = place_of(g, pos ? pos : g->func_pos);
  LLVMMetadataRef where =
      LLVMDIBuilderCreateDebugLocation(g->ctx, at.line, at.column, scope_of(g, at.file), NULL);
  LLVMSetCurrentDebugLocation2(g->b, where);
}

void debug_end(Gen *g)
{
  if (g->di) {
    LLVMDIBuilderFinalize(g->di);
    LLVMDisposeDIBuilder(g->di);
  }
  free(g->files);
}
