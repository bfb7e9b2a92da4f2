// The kernels as a Node addon (Node-API, so one build serves every version of Node): the same source compiled for
// several instruction sets, of which the best that this processor has is taken. Each function gets an ArrayBuffer and
// the offset of a `Call` in it. There is no state: an addon per thread, any number of threads.
#define NAPI_VERSION 8
#include <node_api.h>
#include "call.h"

typedef struct {
  const char *instructions;
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
#define KERNELS(variant, name) \
  (Kernels) { name, scratch_bytes_##variant, saved_bytes_##variant, forward_##variant, backward_##variant }

DECLARE(baseline)
#ifdef HAVE_X86_VARIANTS
DECLARE(avx2)
DECLARE(avx512)
#endif

// How wide vectors pay depends on the layer: 16 lanes on a width of 20 would compute 32.
static Kernels kernels_for(int units) {
#ifdef HAVE_X86_VARIANTS
  int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  int half = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (wide && (units + 15) / 16 * 16 == (units + 7) / 8 * 8) return KERNELS(avx512, "AVX-512");
  if (half) return KERNELS(avx2, "AVX2");
#endif
  (void)units;
  return KERNELS(baseline, "baseline instructions");
}

// The memory and the call of a function's first two arguments; throws and returns 0 where they are not that.
static Call *call_of(napi_env env, napi_callback_info info, size_t expected, napi_value *arguments, char **memory) {
  size_t count = expected, length;
  uint32_t offset;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < expected ||
      napi_get_arraybuffer_info(env, arguments[0], (void **)memory, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &offset) != napi_ok || offset % 4 != 0 ||
      (size_t)offset + sizeof(Call) > length) {
    napi_throw_type_error(env, NULL, "expected an ArrayBuffer and the offset of a call in it");
    return NULL;
  }
  return (Call *)(*memory + offset);
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value saved_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char *memory;
  Call *call = call_of(env, info, 2, arguments, &memory);
  return call ? number(env, kernels_for(call->units).saved_bytes(call)) : NULL;
}

static napi_value scratch_bytes(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  char *memory;
  bool backward = false;
  Call *call = call_of(env, info, 3, arguments, &memory);
  if (!call) return NULL;
  napi_get_value_bool(env, arguments[2], &backward);
  return number(env, kernels_for(call->units).scratch_bytes(call, backward));
}

static napi_value forward(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char *memory;
  Call *call = call_of(env, info, 2, arguments, &memory);
  if (call) kernels_for(call->units).forward((uintptr_t)memory, call);
  return NULL;
}

static napi_value backward(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char *memory;
  Call *call = call_of(env, info, 2, arguments, &memory);
  if (call) kernels_for(call->units).backward((uintptr_t)memory, call);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_value version, instructions;
  napi_create_int32(env, CALL_VERSION, &version);
  napi_create_string_utf8(env, kernels_for(16).instructions, NAPI_AUTO_LENGTH, &instructions);
  const napi_property_descriptor properties[] = {
      {"version", NULL, NULL, NULL, NULL, version, napi_enumerable, NULL},
      {"instructions", NULL, NULL, NULL, NULL, instructions, napi_enumerable, NULL},
      {"savedBytes", NULL, saved_bytes, NULL, NULL, NULL, napi_enumerable, NULL},
      {"scratchBytes", NULL, scratch_bytes, NULL, NULL, NULL, napi_enumerable, NULL},
      {"forward", NULL, forward, NULL, NULL, NULL, napi_enumerable, NULL},
      {"backward", NULL, backward, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  if (napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) != napi_ok)
    napi_throw_error(env, NULL, "could not define the kernels' functions");
  return exports;
}
