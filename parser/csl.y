/* The grammar of CSL: spec language 2-3 (3.1 tells why it is cut this way), sdk-2.10 1.2. LALR(1)
   without conflicts. */
%require "3.8"
%define api.pure full
%define api.prefix {csl_}
%define api.token.prefix {T_}
%define api.location.type {SrcRange}
%define parse.error custom
%define parse.lac full
%locations
%param {Parser *p}

%code requires {
#include "parser/ast_build.h"
typedef struct Parser Parser;
}
%code {
#include "parser/parser.h"

// Nesting that exhausts this is reported as such (csl_error).
#define YYMAXDEPTH 20000

// Ranges leave out empty symbols at both ends, so that they start and end at real tokens.
static SrcRange join_ranges(SrcRange *rhs, int n)
{
  int first = 1, last = n;
  while (first < n && rhs[first].begin == rhs[first].end)
    first++;
  while (last > first && rhs[last].begin == rhs[last].end)
    last--;
  return (SrcRange){rhs[first].begin, rhs[last].end};
}
#define YYLLOC_DEFAULT(current, rhs, n) \
  ((current) = (n) ? join_ranges((rhs), (n)) : (SrcRange){(rhs)[0].end, (rhs)[0].end})

#define NEW(kind, range, at) node_new(&p->ast->arena, (kind), (range), (at).begin)
#define PAIR(kind, range, at, a, b) node_pair(&p->ast->arena, (kind), (range), (at).begin, (a), (b))
#define NAMED(kind, range, at, name) node_named(&p->ast->arena, (kind), (range), (at).begin, (name))
#define LIST(kind, range, at, list) node_list(&p->ast->arena, (kind), (range), (at).begin, (list))
#define BINARY(op, range, at, a, a_at, b, b_at) \
  parser_binary(p, (op), (range), (at), (a), (a_at), (b), (b_at))
#define ADD(list, item) list_add(&p->ast->arena, (list), (item))
#define ONE(item) list_add(&p->ast->arena, (NodeList){0}, (item))
#define JOIN(a, b) list_join(&p->ast->arena, (a), (b))
#define ATTRS(list) node_attrs(&p->ast->arena, (list))
}

%union {
  Name name;
  Node *node;
  NodeList list;
  TokenText text;
  uint64_t ch;
  uint16_t flags;
  uint32_t depth; // of braces, after this one
  Operator op;
}

%token ALIGN "align" AND "and" ANYTYPE "anytype" ASM "asm" BREAK "break" COMPTIME "comptime"
%token CONST "const" CONTINUE "continue" ELSE "else" ENUM "enum" EXPORT "export" EXTERN "extern"
%token FALSE "false" FN "fn" FOR "for" IF "if" INLINE "inline" LAYOUT "layout"
%token LINKNAME "linkname" LINKSECTION "linksection" NOINLINE "noinline" OR "or" PARAM "param"
%token RETURN "return" STRUCT "struct" SWITCH "switch" TASK "task" TRUE "true" VAR "var"
%token VOLATILE "volatile" WHILE "while" UNION "union" PACKED "packed"
%token <name> IDENT "name" BUILTIN "builtin"
%token <text> INT "integer" FLOAT "float" STRING "string"
%token <ch> CHAR "character"
%token <op> ASSIGN "op=" '=' "="
%token SHL "<<" SHR ">>" EQ "==" NE "!=" LE "<=" GE ">=" ARROW "->" FATARROW "=>" DEREF ".*"
%token <depth> DOTBRACE ".{" '{' "{"
/* Delivered by the token stream where input skipped after an error ends (parser/recover.c). */
%token SYNC "end of skipped input"

%type <node> var_decl decl_rest init opt_dtype dtype attr fn_decl fn_body param ptype type
%type <node> prefix_type agg_type agg_body fparam field en core lit anon fini expr switch prong
%type <node> pbody asm asm_t asm_op top_decl block labelled stmt loop continue if_stmt simple
%type <node> sexpr assign jump name
%type <list> attrs params param_list fparams fparam_list fields field_list enums enum_list inits
%type <list> init_list args exprs elist ids prongs stmts payload asm_rest asm_secs asm_ops
%type <list> asm_list
%type <flags> storage cv fnq vol inline many
%type <op> asop

%precedence NOELSE
%precedence ELSE
%precedence PREFIXFORM
%left OR
%left AND
%nonassoc EQ NE '<' '>' LE GE
%left '&' '^' '|'
%left SHL SHR
%left '+' '-'
%left '*' '/' '%'
%precedence UNARY
%%
file: %empty { (void)yynerrs; } /* bison counts, nobody asks: clang would warn */
    | file top ;
top: top_decl { p->tops = ADD(p->tops, $1); }
   | ';'
   | error SYNC { yyerrok; } ;
top_decl: var_decl
   | storage var_decl { $$ = $2; $$->flags |= $1; $$->range = @$; }
   | PARAM decl_rest ';' { $$ = $2; $$->kind = N_PARAM; $$->range = @$; }
   | fn_decl
   | storage fn_decl { $$ = $2; $$->flags |= $1; $$->range = @$; }
   | TASK IDENT '(' params ')' attrs type attrs block
     { $$ = parser_function(p, @$, @2, $2, $4, JOIN($6, $8), $7, $9); $$->flags = NF_TASK; }
   | COMPTIME block { $$ = PAIR(N_COMPTIME_BLOCK, @$, @1, $2, NULL); }
   | LAYOUT block { $$ = PAIR(N_LAYOUT, @$, @1, $2, NULL); }
   | IDENT IDENT ';' { $$ = parser_legacy_color(p, @$, @1, $1, @2, $2); } ;
storage: EXPORT { $$ = NF_EXPORT; }
   | EXTERN { $$ = NF_EXTERN; } ;
var_decl: cv decl_rest ';' { $$ = $2; $$->kind = (uint8_t)$1; $$->range = @$; }
   | COMPTIME cv decl_rest ';'
     { $$ = $3; $$->kind = (uint8_t)$2; $$->flags = NF_COMPTIME; $$->range = @$; } ;
cv: CONST { $$ = N_CONST; }
  | VAR { $$ = N_VAR; } ;
decl_rest: IDENT opt_dtype attrs init
    { $$ = NAMED(N_CONST, @$, @1, $1); $$->a = $4;
      $$->u.decl.type = $2; $$->u.decl.attrs = ATTRS($3); } ;
opt_dtype: %empty { $$ = NULL; }
    | ':' dtype { $$ = $2; } ;
init: %empty { $$ = NULL; }
    | '=' expr { $$ = $2; } ;
dtype: type
    | IF '(' expr ')' type ELSE dtype { $$ = PAIR(N_IF_EXPR, @$, @1, $3, $5); $$->c = $7; } ;
attrs: %empty { $$ = (NodeList){0}; }
    | attrs attr { $$ = ADD($1, $2); } ;
attr: ALIGN '(' expr ')' { $$ = PAIR(N_ALIGN, @$, @1, $3, NULL); }
    | LINKNAME '(' expr ')' { $$ = PAIR(N_LINKNAME, @$, @1, $3, NULL); }
    | LINKSECTION '(' expr ')' { $$ = PAIR(N_LINKSECTION, @$, @1, $3, NULL); } ;
fn_decl: fnq FN IDENT '(' params ')' attrs type attrs fn_body
    { $$ = parser_function(p, @$, @3, $3, $5, JOIN($7, $9), $8, $10); $$->flags = $1; } ;
fnq: %empty { $$ = 0; }
   | INLINE { $$ = NF_INLINE; }
   | NOINLINE { $$ = NF_NOINLINE; } ;
fn_body: block
   | ';' { $$ = NULL; } ;
params: %empty { $$ = (NodeList){0}; }
   | param_list
   | param_list ',' ;
param_list: param { $$ = ONE($1); }
   | param_list ',' param { $$ = ADD($1, $3); } ;
param: IDENT ':' ptype { $$ = parser_param(p, @$, @1, $1, $3); }
   | COMPTIME IDENT ':' ptype { $$ = parser_param(p, @$, @2, $2, $4); $$->flags |= NF_COMPTIME; }
   | type { $$ = parser_param(p, @$, @1, 0, $1); } ;
ptype: ANYTYPE { $$ = NULL; }
   | dtype ;

/* ---- types: never take a '{' after a name ---- */
type: core | prefix_type | agg_type ;
prefix_type: '*' type { $$ = PAIR(N_PTR_TYPE, @$, @1, $2, NULL); }
    | '*' CONST type { $$ = PAIR(N_PTR_TYPE, @$, @1, $3, NULL); $$->flags = NF_CONST; }
    | '[' '*' ']' many type { $$ = PAIR(N_MANY_TYPE, @$, @2, $5, NULL); $$->flags = $4; }
    | '[' exprs ']' type { $$ = LIST(N_ARRAY_TYPE, @$, @1, $2); $$->a = $4; }
    | FN '(' fparams ')' type { $$ = LIST(N_FN_TYPE, @$, @1, $3); $$->a = $5; }
    | TASK '(' fparams ')' type
      { $$ = LIST(N_FN_TYPE, @$, @1, $3); $$->a = $5; $$->flags = NF_TASK; } ;
many: %empty { $$ = 0; }
    | CONST { $$ = NF_CONST; } ;
fparams: %empty { $$ = (NodeList){0}; }
    | fparam_list
    | fparam_list ',' ;
fparam_list: fparam { $$ = ONE($1); }
    | fparam_list ',' fparam { $$ = ADD($1, $3); } ;
fparam: type { $$ = parser_param(p, @$, @1, 0, $1); }
    | IDENT ':' type { $$ = parser_param(p, @$, @1, $1, $3); } ;
agg_type: agg_body
    | EXTERN agg_body { $$ = $2; $$->flags = NF_EXTERN; $$->range = @$; }
    | PACKED agg_body { $$ = $2; $$->flags = NF_PACKED; $$->range = @$; }
    | ENUM '{' enums '}' { $$ = LIST(N_ENUM_TYPE, @$, @1, $3); }
    | ENUM '(' type ')' '{' enums '}' { $$ = LIST(N_ENUM_TYPE, @$, @1, $6); $$->a = $3; } ;
agg_body: STRUCT '{' fields '}' { $$ = LIST(N_STRUCT_TYPE, @$, @1, $3); }
    | UNION '{' fields '}' { $$ = LIST(N_UNION_TYPE, @$, @1, $3); } ;
fields: %empty { $$ = (NodeList){0}; }
    | field_list
    | field_list ',' ;
field_list: field { $$ = ONE($1); }
    | field_list ',' field { $$ = ADD($1, $3); } ;
field: IDENT ':' dtype { $$ = NAMED(N_FIELD_DECL, @$, @1, $1); $$->a = $3; } ;
enums: enum_list
    | enum_list ',' ;
enum_list: en { $$ = ONE($1); }
    | enum_list ',' en { $$ = ADD($1, $3); } ;
en: IDENT { $$ = NAMED(N_ENUM_MEMBER, @$, @1, $1); }
    | IDENT '=' expr { $$ = NAMED(N_ENUM_MEMBER, @$, @1, $1); $$->a = $3; } ;

/* ---- chains that begin with a name, builtin or parenthesis; they never take a '{' ---- */
core: IDENT { $$ = NAMED(N_IDENT, @$, @1, $1); }
    | BUILTIN '(' args ')' { $$ = LIST(N_BUILTIN, @$, @1, $3); $$->name = $1; }
    | '(' expr ')' { $$ = $2; }
    | core '.' IDENT { $$ = NAMED(N_FIELD, @$, @3, $3); $$->a = $1; }
    | core DEREF { $$ = PAIR(N_DEREF, @$, @2, $1, NULL); }
    | core '[' exprs ']' { $$ = LIST(N_INDEX, @$, @2, $3); $$->a = $1; }
    | core '(' args ')' { $$ = LIST(N_CALL, @$, @2, $3); $$->a = $1; } ;
/* ---- chains that begin with a literal ---- */
lit: INT { $$ = node_number(&p->ast->arena, N_INT, @$, $1); }
    | FLOAT { $$ = node_number(&p->ast->arena, N_FLOAT, @$, $1); }
    | CHAR { $$ = NEW(N_CHAR, @$, @1); $$->u.ch = $1; }
    | TRUE { $$ = NEW(N_BOOL, @$, @1); $$->op = 1; }
    | FALSE { $$ = NEW(N_BOOL, @$, @1); }
    | STRING { $$ = node_string(&p->ast->arena, @$, $1); }
    | anon
    | core '{' inits '}' { $$ = LIST(N_STRUCT_LITERAL, @$, @2, $3); $$->a = $1; }
    | core '{' '}' { $$ = PAIR(N_STRUCT_LITERAL, @$, @2, $1, NULL); }
    | '[' exprs ']' type '{' args '}'
      { Node *type = LIST(N_ARRAY_TYPE, ((SrcRange){@1.begin, @4.end}), @1, $2); type->a = $4;
        $$ = LIST(N_ARRAY_LITERAL, @$, @5, $6); $$->a = type; }
    | lit '.' IDENT { $$ = NAMED(N_FIELD, @$, @3, $3); $$->a = $1; }
    | lit DEREF { $$ = PAIR(N_DEREF, @$, @2, $1, NULL); }
    | lit '[' exprs ']' { $$ = LIST(N_INDEX, @$, @2, $3); $$->a = $1; }
    | lit '(' args ')' { $$ = LIST(N_CALL, @$, @2, $3); $$->a = $1; } ;
anon: DOTBRACE '}' { $$ = NEW(N_ANON_STRUCT, @$, @1); }
    | DOTBRACE inits '}' { $$ = LIST(N_ANON_STRUCT, @$, @1, $2); }
    | DOTBRACE exprs '}' { $$ = LIST(N_TUPLE, @$, @1, $2); } ;
inits: init_list
    | init_list ',' ;
init_list: fini { $$ = ONE($1); }
    | init_list ',' fini { $$ = ADD($1, $3); } ;
fini: '.' IDENT '=' expr { $$ = NAMED(N_FIELD_INIT, @$, @2, $2); $$->a = $4; } ;
args: %empty { $$ = (NodeList){0}; }
    | exprs ;
exprs: elist
    | elist ',' ;
elist: expr { $$ = ONE($1); }
    | elist ',' expr { $$ = ADD($1, $3); } ;

expr: core | lit | prefix_type | agg_type
    | block | labelled
    | switch | asm
    | '|' ids '|' '{' exprs '}' ARROW core { $$ = parser_tensor(p, @$, @1, $2, @4, @6, $5, $8); }
    | IF '(' expr ')' expr %prec NOELSE { $$ = PAIR(N_IF_EXPR, @$, @1, $3, $5); }
    | IF '(' expr ')' expr ELSE expr { $$ = PAIR(N_IF_EXPR, @$, @1, $3, $5); $$->c = $7; }
    | COMPTIME expr %prec PREFIXFORM { $$ = PAIR(N_COMPTIME, @$, @1, $2, NULL); }
    | '-' expr %prec UNARY { $$ = PAIR(N_NEG, @$, @1, $2, NULL); }
    | '!' expr %prec UNARY { $$ = PAIR(N_NOT, @$, @1, $2, NULL); }
    | '~' expr %prec UNARY { $$ = PAIR(N_BIT_NOT, @$, @1, $2, NULL); }
    | '&' expr %prec UNARY { $$ = PAIR(N_ADDRESS, @$, @1, $2, NULL); }
    | expr OR expr { $$ = BINARY(OP_LOR, @$, @2, $1, @1, $3, @3); }
    | expr AND expr { $$ = BINARY(OP_LAND, @$, @2, $1, @1, $3, @3); }
    | expr EQ expr { $$ = BINARY(OP_EQ, @$, @2, $1, @1, $3, @3); }
    | expr NE expr { $$ = BINARY(OP_NE, @$, @2, $1, @1, $3, @3); }
    | expr '<' expr { $$ = BINARY(OP_LT, @$, @2, $1, @1, $3, @3); }
    | expr '>' expr { $$ = BINARY(OP_GT, @$, @2, $1, @1, $3, @3); }
    | expr LE expr { $$ = BINARY(OP_LE, @$, @2, $1, @1, $3, @3); }
    | expr GE expr { $$ = BINARY(OP_GE, @$, @2, $1, @1, $3, @3); }
    | expr '&' expr { $$ = BINARY(OP_AND, @$, @2, $1, @1, $3, @3); }
    | expr '^' expr { $$ = BINARY(OP_XOR, @$, @2, $1, @1, $3, @3); }
    | expr '|' expr { $$ = BINARY(OP_OR, @$, @2, $1, @1, $3, @3); }
    | expr SHL expr { $$ = BINARY(OP_SHL, @$, @2, $1, @1, $3, @3); }
    | expr SHR expr { $$ = BINARY(OP_SHR, @$, @2, $1, @1, $3, @3); }
    | expr '+' expr { $$ = BINARY(OP_ADD, @$, @2, $1, @1, $3, @3); }
    | expr '-' expr { $$ = BINARY(OP_SUB, @$, @2, $1, @1, $3, @3); }
    | expr '*' expr { $$ = BINARY(OP_MUL, @$, @2, $1, @1, $3, @3); }
    | expr '/' expr { $$ = BINARY(OP_DIV, @$, @2, $1, @1, $3, @3); }
    | expr '%' expr { $$ = BINARY(OP_REM, @$, @2, $1, @1, $3, @3); } ;
ids: name { $$ = ONE($1); }
    | ids ',' name { $$ = ADD($1, $3); } ;
name: IDENT { $$ = parser_payload(p, @1, $1); } ;
switch: SWITCH '(' expr ')' '{' prongs '}' { $$ = LIST(N_SWITCH, @$, @1, $6); $$->a = $3; }
    | SWITCH '(' expr ')' '{' prongs ',' '}' { $$ = LIST(N_SWITCH, @$, @1, $6); $$->a = $3; } ;
prongs: prong { $$ = ONE($1); }
    | prongs ',' prong { $$ = ADD($1, $3); } ;
prong: elist FATARROW pbody { $$ = LIST(N_PRONG, @$, @2, $1); $$->a = $3; }
    | ELSE FATARROW pbody { $$ = PAIR(N_PRONG, @$, @1, $3, NULL); } ;
pbody: expr
    | expr asop expr { $$ = PAIR(N_ASSIGN, @$, @2, $1, $3); $$->op = (uint8_t)$2; }
    | jump ;
asm: ASM vol '(' asm_t asm_rest ')'
    { $$ = LIST(N_ASM, @$, @1, $5); $$->a = $4; $$->flags = $2; } ;
asm_t: core | lit ;
vol: %empty { $$ = 0; }
    | VOLATILE { $$ = NF_VOLATILE; } ;
asm_rest: %empty { $$ = (NodeList){0}; }
    | ',' { $$ = (NodeList){0}; }
    | asm_secs
    | ',' asm_secs { $$ = $2; } ;
asm_secs: ':' asm_ops { $$ = $2; }
    | asm_secs ':' asm_ops { $$ = JOIN($1, $3); } ;
asm_ops: %empty { $$ = (NodeList){0}; }
    | asm_list ;
asm_list: asm_op { $$ = ONE($1); }
    | asm_list ',' asm_op { $$ = ADD($1, $3); } ;
asm_op: '[' IDENT ']' STRING '(' expr ')' { $$ = $6; }
    | STRING { $$ = node_string(&p->ast->arena, @$, $1); } ;

/* ---- statements ---- */
asop: '=' | ASSIGN ;
block: '{' stmts '}' { $$ = LIST(N_BLOCK, @$, @1, $2); parser_leave_block(p); } ;
stmts: %empty { $$ = (NodeList){0}; parser_enter_block(p, $<depth>0, @0); }
    | stmts stmt { $$ = $2 ? ADD($1, $2) : $1; } ;
labelled: IDENT ':' block { $$ = $3; $$->name = $1; $$->range = @$; } ;
stmt: var_decl
    | block | labelled
    | loop
    | IDENT ':' loop { $$ = $3; $$->name = $1; $$->range = @$; }
    | if_stmt | switch
    | COMPTIME block { $$ = PAIR(N_COMPTIME_BLOCK, @$, @1, $2, NULL); }
    | simple ';' { $$ = $1; }
    | ';' { $$ = NEW(N_EMPTY, @$, @1); }
    | error SYNC { $$ = NULL; yyerrok; } ;
loop: inline FOR '(' expr ')' '|' payload '|' stmt
      { $$ = LIST(N_FOR, @$, @2, $7); $$->a = $4; $$->b = parser_body(p, $9, @9); $$->flags = $1; }
    | inline WHILE '(' expr ')' continue stmt
      { $$ = PAIR(N_WHILE, @$, @2, $4, parser_body(p, $7, @7)); $$->c = $6; $$->flags = $1; } ;
inline: %empty { $$ = 0; }
    | INLINE { $$ = NF_INLINE; } ;
continue: %empty { $$ = NULL; }
    | ':' '(' assign ')' { $$ = $3; } ;
payload: name { $$ = ONE($1); }
    | name ',' name { $$ = ADD(ONE($1), $3); } ;
if_stmt: IF '(' expr ')' stmt %prec NOELSE { $$ = PAIR(N_IF, @$, @1, $3, parser_body(p, $5, @5)); }
    | IF '(' expr ')' stmt ELSE stmt
      { $$ = PAIR(N_IF, @$, @1, $3, parser_body(p, $5, @5)); $$->c = parser_body(p, $7, @7); }
    | IF '(' expr ')' simple ELSE stmt
      { $$ = PAIR(N_IF, @$, @1, $3, $5); $$->c = parser_body(p, $7, @7); } ;
simple: sexpr { $$ = PAIR(N_EXPR_STMT, @$, @1, $1, NULL); }
    | assign | jump
    | asm { $$ = PAIR(N_EXPR_STMT, @$, @1, $1, NULL); }
    | COMPTIME core
      { Node *e = PAIR(N_COMPTIME, @$, @1, $2, NULL); $$ = PAIR(N_EXPR_STMT, @$, @1, e, NULL); } ;
/* An expression whose first operand is a chain: at the start of a statement everything else is a
   statement form. */
sexpr: core | lit
    | sexpr OR expr { $$ = BINARY(OP_LOR, @$, @2, $1, @1, $3, @3); }
    | sexpr AND expr { $$ = BINARY(OP_LAND, @$, @2, $1, @1, $3, @3); }
    | sexpr EQ expr { $$ = BINARY(OP_EQ, @$, @2, $1, @1, $3, @3); }
    | sexpr NE expr { $$ = BINARY(OP_NE, @$, @2, $1, @1, $3, @3); }
    | sexpr '<' expr { $$ = BINARY(OP_LT, @$, @2, $1, @1, $3, @3); }
    | sexpr '>' expr { $$ = BINARY(OP_GT, @$, @2, $1, @1, $3, @3); }
    | sexpr LE expr { $$ = BINARY(OP_LE, @$, @2, $1, @1, $3, @3); }
    | sexpr GE expr { $$ = BINARY(OP_GE, @$, @2, $1, @1, $3, @3); }
    | sexpr '&' expr { $$ = BINARY(OP_AND, @$, @2, $1, @1, $3, @3); }
    | sexpr '^' expr { $$ = BINARY(OP_XOR, @$, @2, $1, @1, $3, @3); }
    | sexpr '|' expr { $$ = BINARY(OP_OR, @$, @2, $1, @1, $3, @3); }
    | sexpr SHL expr { $$ = BINARY(OP_SHL, @$, @2, $1, @1, $3, @3); }
    | sexpr SHR expr { $$ = BINARY(OP_SHR, @$, @2, $1, @1, $3, @3); }
    | sexpr '+' expr { $$ = BINARY(OP_ADD, @$, @2, $1, @1, $3, @3); }
    | sexpr '-' expr { $$ = BINARY(OP_SUB, @$, @2, $1, @1, $3, @3); }
    | sexpr '*' expr { $$ = BINARY(OP_MUL, @$, @2, $1, @1, $3, @3); }
    | sexpr '/' expr { $$ = BINARY(OP_DIV, @$, @2, $1, @1, $3, @3); }
    | sexpr '%' expr { $$ = BINARY(OP_REM, @$, @2, $1, @1, $3, @3); } ;
assign: core asop expr { $$ = PAIR(N_ASSIGN, @$, @2, $1, $3); $$->op = (uint8_t)$2; } ;
jump: RETURN { $$ = NEW(N_RETURN, @$, @1); }
    | RETURN expr { $$ = PAIR(N_RETURN, @$, @1, $2, NULL); }
    | BREAK { $$ = NEW(N_BREAK, @$, @1); }
    | BREAK ':' IDENT { $$ = NAMED(N_BREAK, @$, @1, $3); }
    | BREAK ':' IDENT expr { $$ = NAMED(N_BREAK, @$, @1, $3); $$->a = $4; }
    | CONTINUE { $$ = NEW(N_CONTINUE, @$, @1); }
    | CONTINUE ':' IDENT { $$ = NAMED(N_CONTINUE, @$, @1, $3); } ;
%%
static int yyreport_syntax_error(const yypcontext_t *context, Parser *p)
{
  yysymbol_kind_t kinds[PARSER_MAX_EXPECTED];
  int n = yypcontext_expected_tokens(context, kinds, PARSER_MAX_EXPECTED);
  const char *expected[PARSER_MAX_EXPECTED];
  for (int i = 0; i < n; i++)
    expected[i] = yysymbol_name(kinds[i]);
  const char *got = yysymbol_name(yypcontext_token(context));
  parser_syntax_error(p, *yypcontext_location(context), got, expected, n);
  return 0;
}
