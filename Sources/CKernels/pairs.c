#include "levels.h"

#pragma STDC FP_CONTRACT OFF

// Sums over a query and each of several rows, in one order at every level: sixteen lanes, added up one after the other, then the
// values that fill no lanes. An addition waits for the one before it, so several rows go at a time.

enum { LANES = 16, ROWS = 4 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float))));

KERNEL float sum_of_lanes(const lanes *values) {
    float sum = (*values)[0];
    for (int lane = 1; lane < LANES; lane++) sum += (*values)[lane];
    return sum;
}

KERNEL float rest(const float *row, const float *query, size_t start, size_t dimension, int squared) {
    float sum = 0;
    for (size_t i = start; i < dimension; i++) {
        float difference = row[i] - query[i];
        sum += squared ? difference * difference : row[i] * query[i];
    }
    return sum;
}

KERNEL void sums(const float *rows, size_t count, size_t dimension, const float *query, int squared, float *results) {
    size_t whole = dimension - dimension % LANES;
    for (size_t first = 0; first < count; first += ROWS) {
        size_t here = count - first < ROWS ? count - first : ROWS;
        const float *from[ROWS];
        lanes totals[ROWS] = {0};
        // Where fewer rows are left, the last again: lanes that nobody reads.
        for (size_t row = 0; row < ROWS; row++) from[row] = rows + (first + (row < here ? row : here - 1)) * dimension;
        for (size_t i = 0; i < whole; i += LANES) {
            lanes values = *(const lanes *)(query + i);
            for (int row = 0; row < ROWS; row++) {
                lanes other = *(const lanes *)(from[row] + i), difference = other - values;
                totals[row] += squared ? difference * difference : other * values;
            }
        }
        for (size_t row = 0; row < here; row++)
            results[first + row] = sum_of_lanes(&totals[row]) + rest(from[row], query, whole, dimension, squared);
    }
}

KERNEL void dot_products(const float *rows, size_t count, size_t dimension, const float *query, float *products) {
    sums(rows, count, dimension, query, 0, products);
}
DISPATCH(void, dot_products, (const float *rows, size_t count, size_t dimension, const float *query, float *products),
         (rows, count, dimension, query, products))

KERNEL void squared_distances(const float *rows, size_t count, size_t dimension, const float *query, float *distances) {
    sums(rows, count, dimension, query, 1, distances);
}
DISPATCH(void, squared_distances,
         (const float *rows, size_t count, size_t dimension, const float *query, float *distances),
         (rows, count, dimension, query, distances))
