// The kernels as a Node addon (Node-API, so one build serves every version of Node): the same source compiled for
// several instruction sets, of which the widest that this processor has is taken. Each function gets an ArrayBuffer,
// the offset of a `Call` in it, and the widest instruction set to use. There is no state: an addon per thread, any number of threads.
#define NAPI_VERSION 8
#include <node_api.h>
#include "call.h"

typedef struct {
  double (*scratch_bytes)(const Call *, int);
  double (*saved_bytes)(const Call *);
  void (*forward)(uintptr_t, const Call *);
  void (*backward)(uintptr_t, const Call *);
} Kernels;

#define DECLARE(variant)                                    \
  double scratch_bytes_##variant(const Call *, int);        \
  double saved_bytes_##variant(const Call *);               \
  void forward_##variant(uintptr_t, const Call *);             \
  void backward_##variant(uintptr_t, const Call *);
#define KERNELS(variant) \
  (Kernels) { scratch_bytes_##variant, saved_bytes_##variant, forward_##variant, backward_##variant }

DECLARE(baseline)
#ifdef HAVE_X86_VARIANTS
DECLARE(avx2)
DECLARE(avx512)
#endif

// Instruction sets from the narrowest to the widest; addon.c's caller names the widest it wants.
enum { BASELINE = 0, AVX2 = 1, AVX512 = 2 };

static int widest(void) {
#ifdef HAVE_X86_VARIANTS
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  return avx2 && avx512 ? AVX512 : avx2 ? AVX2 : BASELINE;
#else
  return BASELINE;
#endif
}

// How wide vectors pay depends on the layer: 16 lanes on a width of 20 would compute 32.
static Kernels kernels_for(int units, int limit) {
#ifdef HAVE_X86_VARIANTS
  int level = limit < widest() ? limit : widest();
  if (level == AVX512 && (units + 15) / 16 * 16 == (units + 7) / 8 * 8) return KERNELS(avx512);
  if (level >= AVX2) return KERNELS(avx2);
#else
  (void)units, (void)limit;
#endif
  return KERNELS(baseline);
}

typedef struct {
  char *memory;
  Call *call;
  Kernels kernels;
} Request;

// Reads a function's arguments (ArrayBuffer, offset of a call in it, instruction set, ...); throws and returns 0 where
// they are not that.
static int read_request(napi_env env, napi_callback_info info, size_t count, napi_value *arguments, Request *request) {
  size_t given = count, length;
  uint32_t offset;
  int32_t limit;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < count ||
      napi_get_arraybuffer_info(env, arguments[0], (void **)&request->memory, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &offset) != napi_ok || offset % 4 != 0 ||
      (size_t)offset + sizeof(Call) > length || napi_get_value_int32(env, arguments[2], &limit) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected an ArrayBuffer, the offset of a call in it and an instruction set");
    return 0;
  }
  request->call = (Call *)(request->memory + offset);
  request->kernels = kernels_for(request->call->units, limit);
  return 1;
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value saved_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Request r;
  return read_request(env, info, 3, arguments, &r) ? number(env, r.kernels.saved_bytes(r.call)) : NULL;
}

static napi_value scratch_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  Request r;
  bool backward = false;
  if (!read_request(env, info, 4, arguments, &r)) return NULL;
  napi_get_value_bool(env, arguments[3], &backward);
  return number(env, r.kernels.scratch_bytes(r.call, backward));
}

static napi_value forward(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Request r;
  if (read_request(env, info, 3, arguments, &r)) r.kernels.forward((uintptr_t)r.memory, r.call);
  return NULL;
}

static napi_value backward(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  Request r;
  if (read_request(env, info, 3, arguments, &r)) r.kernels.backward((uintptr_t)r.memory, r.call);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value version, instructions;
  napi_create_int32(env, CALL_VERSION, &version);
  napi_create_int32(env, widest(), &instructions);
  const napi_property_descriptor properties[] = {
      {"version", NULL, NULL, NULL, NULL, version, napi_enumerable, NULL},
      {"widest", NULL, NULL, NULL, NULL, instructions, napi_enumerable, NULL},
      {"savedBytes", NULL, saved_bytes, NULL, NULL, NULL, napi_enumerable, NULL},
      {"scratchBytes", NULL, scratch_bytes, NULL, NULL, NULL, napi_enumerable, NULL},
      {"forward", NULL, forward, NULL, NULL, NULL, napi_enumerable, NULL},
      {"backward", NULL, backward, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  if (napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) != napi_ok)
    napi_throw_error(env, NULL, "could not define the kernels' functions");
  return exports;
}
