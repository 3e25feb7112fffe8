#include <oneapi/dnnl/dnnl.h>

// clang does not find gcc's omp.h; these are the two calls of libgomp that oneDNN's threading needs.
extern void omp_set_num_threads(int count);
extern int omp_get_max_threads(void);
