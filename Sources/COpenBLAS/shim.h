#include <cblas.h>

// LAPACK is in OpenBLAS, but its header is in a package of its own: eigenvalues and eigenvectors of a symmetric matrix.
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                    const int *lwork, int *iwork, const int *liwork, int *info);
