// The kernels as a Node addon (Node-API, so one build serves every version of Node): the same source compiled for
// several instruction sets, of which the widest that this processor has is taken. The functions of a kernel get an
// ArrayBuffer, the offset of a call in it, and the widest instruction set to use. There is no state: any number of
// threads may be inside.
#define NAPI_VERSION 8
#include <node_api.h>
#include "call.h"
#include "gather.h"

#define DECLARE(variant)                                      \
  double scratch_bytes_##variant(const Call *, int);          \
  double saved_bytes_##variant(const Call *);                 \
  void forward_##variant(uintptr_t, const Call *);            \
  void backward_##variant(uintptr_t, const Call *);           \
  double dense_scratch_bytes_##variant(const DenseCall *, int); \
  void dense_forward_##variant(uintptr_t, const DenseCall *); \
  void dense_backward_##variant(uintptr_t, const DenseCall *);

typedef struct {
  double (*scratch_bytes)(const Call *, int);
  double (*saved_bytes)(const Call *);
  void (*forward)(uintptr_t, const Call *);
  void (*backward)(uintptr_t, const Call *);
  double (*dense_scratch_bytes)(const DenseCall *, int);
  void (*dense_forward)(uintptr_t, const DenseCall *);
  void (*dense_backward)(uintptr_t, const DenseCall *);
} Kernels;

#define KERNELS(variant)                                                                        \
  (Kernels) {                                                                                   \
    scratch_bytes_##variant, saved_bytes_##variant, forward_##variant, backward_##variant,      \
        dense_scratch_bytes_##variant, dense_forward_##variant, dense_backward_##variant        \
  }

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
  uintptr_t memory;
  const void *call;
  int limit, backward;
} Request;

// Reads a function's arguments (ArrayBuffer, offset of a call in it, instruction set, and maybe whether it is about the
// way back); throws and returns 0 where they are not that.
static int read_request(napi_env env, napi_callback_info info, size_t call_bytes, Request *request) {
  napi_value arguments[4];
  size_t given = 4, length;
  uint32_t offset;
  int32_t limit;
  void *memory;
  bool backward = false;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < 3 ||
      napi_get_arraybuffer_info(env, arguments[0], &memory, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &offset) != napi_ok || offset % 4 != 0 ||
      (size_t)offset + call_bytes > length || napi_get_value_int32(env, arguments[2], &limit) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected an ArrayBuffer, the offset of a call in it and an instruction set");
    return 0;
  }
  if (given > 3) napi_get_value_bool(env, arguments[3], &backward);
  *request = (Request){(uintptr_t)memory, (char *)memory + offset, limit, backward};
  return 1;
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

// A function of one kind of call: `expression` may use the kernels `k`, the call `c` and the request `r`.
#define FUNCTION(name, kind, expression)                              \
  static napi_value name(napi_env env, napi_callback_info info) {     \
    Request r;                                                        \
    if (!read_request(env, info, sizeof(kind), &r)) return NULL;      \
    const kind *c = r.call;                                           \
    Kernels k = kernels_for(c->units, r.limit);                       \
    return expression;                                                \
  }

FUNCTION(saved_bytes, Call, number(env, k.saved_bytes(c)))
FUNCTION(scratch_bytes, Call, number(env, k.scratch_bytes(c, r.backward)))
FUNCTION(forward, Call, (k.forward(r.memory, c), NULL))
FUNCTION(backward, Call, (k.backward(r.memory, c), NULL))
FUNCTION(dense_scratch_bytes, DenseCall, number(env, k.dense_scratch_bytes(c, r.backward)))
FUNCTION(dense_forward, DenseCall, (k.dense_forward(r.memory, c), NULL))
FUNCTION(dense_backward, DenseCall, (k.dense_backward(r.memory, c), NULL))

static void *typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok || type != wanted) return NULL;
  return data;
}

// gather(values: Float32Array, planes, rows: Int32Array, to: Float32Array): see gather.h. The other sizes follow.
static napi_value gather(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t given = 5, values_length, count, to_length;
  uint32_t planes, width;
  const float *values;
  const int32_t *rows;
  float *to;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < 5 ||
      !(values = typed_array(env, arguments[0], napi_float32_array, &values_length)) ||
      napi_get_value_uint32(env, arguments[1], &planes) != napi_ok || planes == 0 ||
      napi_get_value_uint32(env, arguments[2], &width) != napi_ok || width == 0 ||
      !(rows = typed_array(env, arguments[3], napi_int32_array, &count)) ||
      !(to = typed_array(env, arguments[4], napi_float32_array, &to_length)) || to_length < planes * count * width) {
    napi_throw_type_error(env, NULL, "expected values, how many planes and columns they have, rows, and room for them");
    return NULL;
  }
  size_t plane_rows = values_length / planes / width;
  for (size_t i = 0; i < count; i++)
    if (rows[i] < 0 || (size_t)rows[i] >= plane_rows) {
      napi_throw_range_error(env, NULL, "a row to gather is not in the data");
      return NULL;
    }
  gather_rows(values, planes, plane_rows, width, rows, count, to);
  return NULL;
}

#define METHOD(name, function) {name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL}
#define VALUE(name, value) {name, NULL, NULL, NULL, NULL, value, napi_enumerable, NULL}

NAPI_MODULE_INIT() {
  napi_value version, instructions;
  napi_create_int32(env, CALL_VERSION, &version);
  napi_create_int32(env, widest(), &instructions);
  const napi_property_descriptor properties[] = {
      VALUE("version", version),
      VALUE("widest", instructions),
      METHOD("savedBytes", saved_bytes),
      METHOD("scratchBytes", scratch_bytes),
      METHOD("forward", forward),
      METHOD("backward", backward),
      METHOD("denseScratchBytes", dense_scratch_bytes),
      METHOD("denseForward", dense_forward),
      METHOD("denseBackward", dense_backward),
      METHOD("gather", gather),
  };
  if (napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties) != napi_ok)
    napi_throw_error(env, NULL, "could not define the kernels' functions");
  return exports;
}
