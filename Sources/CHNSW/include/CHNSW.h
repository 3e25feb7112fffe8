/// Hierarchical navigable small world graphs (Malkov and Yashunin, 2016) over unit vectors of binary16: built by hnswlib, kept as plain
/// arrays, and searched here. Nodes are rows: node i is vector i. Nearness is the inner product.
#ifndef FINETUNER_CACHE_HNSW_H
#define FINETUNER_CACHE_HNSW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The vectors that a graph is over.
typedef struct {
    const uint16_t *rows;
    size_t count, dimension;
} ftc_hnsw_vectors;

/// A graph as arrays that somebody else owns.
typedef struct {
    /// Nodes, and the most links of one on the levels above 0; on level 0 it may have twice as many.
    uint32_t count, m;
    /// The node that every search begins at, and its level.
    uint32_t entry, top_level;
    /// `count` lists of `1 + 2 * m` numbers: how many links, then the linked nodes.
    const uint32_t *base;
    /// The level of each node.
    const uint8_t *levels;
    /// For each node of level l > 0, by node, l lists of `1 + m` numbers: those of level 1 first.
    const uint32_t *upper;
    size_t upper_count;
} ftc_hnsw_graph;

// MARK: Building

typedef struct ftc_hnsw_builder ftc_hnsw_builder;

/// A builder for graphs over some of `vectors`, which must outlive it, that begins with `graph`, or with nothing where that is NULL.
/// NULL where memory is lacking.
ftc_hnsw_builder *ftc_hnsw_builder_make(ftc_hnsw_vectors vectors, uint32_t m, uint32_t ef_construction,
                                        const ftc_hnsw_graph *graph);
void ftc_hnsw_builder_free(ftc_hnsw_builder *builder);
/// Adds a row that is not in the graph. May be called from several threads at a time. 0, or -1 where memory is lacking.
int ftc_hnsw_builder_add(ftc_hnsw_builder *builder, uint32_t row);
/// The graph so far, over rows `0..<count`, all of which must have been added. `base` has room for `count * (1 + 2 * m)` numbers, `levels`
/// for `count`, `upper` for `ftc_hnsw_builder_upper_count`.
size_t ftc_hnsw_builder_upper_count(const ftc_hnsw_builder *builder);
void ftc_hnsw_builder_write(const ftc_hnsw_builder *builder, uint32_t *base, uint8_t *levels, uint32_t *upper,
                            uint32_t *entry, uint32_t *top_level);

// MARK: Searching

/// NULL where every number of `graph` is one that a search can follow, else what is wrong.
const char *ftc_hnsw_fault(const ftc_hnsw_graph *graph);

typedef struct ftc_hnsw_searcher ftc_hnsw_searcher;

/// Searches `graph`, which must be without fault and over rows of `vectors`; both must outlive it. NULL where memory is lacking.
ftc_hnsw_searcher *ftc_hnsw_searcher_make(ftc_hnsw_vectors vectors, ftc_hnsw_graph graph);
void ftc_hnsw_searcher_free(ftc_hnsw_searcher *searcher);
/// Finds up to `ef` rows near to `query`, which has the vectors' dimension, nearest first, and writes them and their inner products to
/// `rows` and `scores`. Rows whose bit in `excluded` is 1 are passed through and not found; NULL for none. May be called from several threads
/// at a time. How many were found, or -1 where memory is lacking.
long ftc_hnsw_search(ftc_hnsw_searcher *searcher, const float *query, size_t ef, const uint8_t *excluded, uint32_t *rows,
                     float *scores);

#ifdef __cplusplus
}
#endif

#endif
