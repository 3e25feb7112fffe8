#include "levels.h"

enum { SIDE = 16 };
typedef float line __attribute__((vector_size(SIDE * sizeof(float)), aligned(sizeof(float))));

// Four rounds that each deal out two halves of the lines, as a deck of cards is shuffled, take every value to its place: a round
// turns the number of a value's place, eight bits of which the upper four are the line's, by one bit.
KERNEL void transpose_block(const float *source, size_t source_stride, float *target, size_t target_stride) {
    line lines[SIDE], dealt[SIDE];
    for (int i = 0; i < SIDE; i++) lines[i] = *(const line *)(source + i * source_stride);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < SIDE / 2; i++) {
            line upper = lines[i], lower = lines[i + SIDE / 2];
            dealt[2 * i] =
                __builtin_shufflevector(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            dealt[2 * i + 1] =
                __builtin_shufflevector(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int i = 0; i < SIDE; i++) lines[i] = dealt[i];
    }
    for (int i = 0; i < SIDE; i++) *(line *)(target + i * target_stride) = lines[i];
}

KERNEL void transpose(const float *source, size_t rows, size_t columns, size_t source_stride, float *target,
                      size_t target_stride) {
    size_t whole_rows = rows - rows % SIDE, whole_columns = columns - columns % SIDE;
    for (size_t row = 0; row < whole_rows; row += SIDE)
        for (size_t column = 0; column < whole_columns; column += SIDE)
            transpose_block(source + row * source_stride + column, source_stride, target + column * target_stride + row,
                            target_stride);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = row < whole_rows ? whole_columns : 0; column < columns; column++)
            target[column * target_stride + row] = source[row * source_stride + column];
}
DISPATCH(void, transpose,
         (const float *source, size_t rows, size_t columns, size_t source_stride, float *target, size_t target_stride),
         (source, rows, columns, source_stride, target, target_stride))
