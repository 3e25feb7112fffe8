#include "CHNSW.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <hnswlib/hnswlib.h>

#include "CKernels.h"

namespace {

using Graph = hnswlib::HierarchicalNSW<float>;

/// What hnswlib keeps of a row: its number. The vectors themselves stay where they are.
struct RowSpace : hnswlib::SpaceInterface<float> {
    ftc_hnsw_vectors vectors;
    ftc_f16_pair_dot dot = ftc_fastest_f16_pair_dot();

    explicit RowSpace(ftc_hnsw_vectors vectors) : vectors(vectors) {}

    const uint16_t *vector(const void *item) const {
        uint32_t row;
        memcpy(&row, item, sizeof row);
        return vectors.rows + static_cast<size_t>(row) * vectors.dimension;
    }

    static float distance(const void *left, const void *right, const void *self) {
        auto space = static_cast<const RowSpace *>(self);
        return 1 - space->dot(space->vector(left), space->vector(right), space->vectors.dimension);
    }

    size_t get_data_size() override { return sizeof(uint32_t); }
    hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
    void *get_dist_func_param() override { return this; }
};

}  // namespace

struct ftc_hnsw_builder {
    RowSpace space;
    uint32_t m;
    std::unique_ptr<Graph> graph;

    ftc_hnsw_builder(ftc_hnsw_vectors vectors, uint32_t m, uint32_t ef_construction)
        : space(vectors), m(m), graph(std::make_unique<Graph>(&space, vectors.count, m, ef_construction)) {}

    /// Takes over a graph: node i becomes hnswlib's element i.
    void load(const ftc_hnsw_graph &from) {
        const uint32_t *upper = from.upper;
        for (uint32_t node = 0; node < from.count; node++) {
            int level = from.levels[node];
            memset(graph->data_level0_memory_ + node * graph->size_data_per_element_, 0, graph->size_data_per_element_);
            memcpy(graph->getDataByInternalId(node), &node, sizeof node);
            graph->setExternalLabel(node, node);
            const uint32_t *links = from.base + static_cast<size_t>(node) * (1 + 2 * m);
            memcpy(graph->get_linklist0(node), links, (1 + 2 * m) * sizeof *links);
            graph->linkLists_[node] = nullptr;
            if (level > 0) {
                size_t bytes = graph->size_links_per_element_ * static_cast<size_t>(level);
                // hnswlib asks for one byte more.
                graph->linkLists_[node] = static_cast<char *>(calloc(bytes + 1, 1));
                if (!graph->linkLists_[node]) throw std::bad_alloc();
                memcpy(graph->linkLists_[node], upper, bytes);
                upper += static_cast<size_t>(level) * (1 + m);
            }
            // Only now may the destructor look at the lists.
            graph->element_levels_[node] = level;
            graph->cur_element_count = node + 1;
            graph->label_lookup_[node] = node;
        }
        graph->maxlevel_ = from.count ? static_cast<int>(from.top_level) : -1;
        graph->enterpoint_node_ = from.count ? from.entry : static_cast<hnswlib::tableint>(-1);
        // Else the levels of what is added would be those of the first rows once more.
        graph->level_generator_.seed(100 + from.count);
    }

    hnswlib::tableint row(hnswlib::tableint element) const {
        return static_cast<hnswlib::tableint>(graph->getExternalLabel(element));
    }

    void write_links(const hnswlib::linklistsizeint *from, uint32_t *to, size_t room) const {
        size_t count = graph->getListCount(const_cast<hnswlib::linklistsizeint *>(from));
        memset(to, 0, (1 + room) * sizeof *to);
        to[0] = static_cast<uint32_t>(count);
        for (size_t link = 0; link < count; link++) to[1 + link] = row(from[1 + link]);
    }
};

ftc_hnsw_builder *ftc_hnsw_builder_make(ftc_hnsw_vectors vectors, uint32_t m, uint32_t ef_construction,
                                        const ftc_hnsw_graph *graph) {
    try {
        auto builder = std::make_unique<ftc_hnsw_builder>(vectors, m, ef_construction);
        if (graph) builder->load(*graph);
        return builder.release();
    } catch (...) {
        return nullptr;
    }
}

void ftc_hnsw_builder_free(ftc_hnsw_builder *builder) { delete builder; }

int ftc_hnsw_builder_add(ftc_hnsw_builder *builder, uint32_t row) {
    try {
        builder->graph->addPoint(&row, row);
        return 0;
    } catch (...) {
        return -1;
    }
}

size_t ftc_hnsw_builder_upper_count(const ftc_hnsw_builder *builder) {
    size_t count = 0;
    for (size_t element = 0; element < builder->graph->cur_element_count; element++)
        count += static_cast<size_t>(builder->graph->element_levels_[element]) * (1 + builder->m);
    return count;
}

void ftc_hnsw_builder_write(const ftc_hnsw_builder *builder, uint32_t *base, uint8_t *levels, uint32_t *upper,
                            uint32_t *entry, uint32_t *top_level) {
    const Graph &graph = *builder->graph;
    const size_t m = builder->m;
    for (hnswlib::tableint element = 0; element < graph.cur_element_count; element++) {
        size_t row = builder->row(element);
        levels[row] = static_cast<uint8_t>(graph.element_levels_[element]);
        builder->write_links(graph.get_linklist0(element), base + row * (1 + 2 * m), 2 * m);
    }
    // Elements came in any order, and the lists above are in that of the rows.
    std::unique_ptr<hnswlib::tableint[]> element_of(new hnswlib::tableint[graph.cur_element_count + 1]);
    for (hnswlib::tableint element = 0; element < graph.cur_element_count; element++)
        element_of[builder->row(element)] = element;
    for (size_t row = 0; row < graph.cur_element_count; row++)
        for (int level = 1; level <= levels[row]; level++, upper += 1 + m)
            builder->write_links(graph.get_linklist(element_of[row], level), upper, m);
    *entry = graph.cur_element_count ? builder->row(graph.enterpoint_node_) : 0;
    *top_level = graph.cur_element_count ? static_cast<uint32_t>(graph.maxlevel_) : 0;
}
