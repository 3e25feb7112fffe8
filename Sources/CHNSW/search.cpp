#include "CHNSW.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "CKernels.h"

namespace {

/// The levels above which no graph goes: 16^64 rows do not fit into memory.
constexpr uint32_t highest_level = 63;

struct Found {
    float score;
    uint32_t row;
};

/// The heap's first is the farthest, or the nearest.
struct FarthestFirst {
    bool operator()(const Found &left, const Found &right) const { return left.score > right.score; }
};
struct NearestFirst {
    bool operator()(const Found &left, const Found &right) const { return left.score < right.score; }
};

/// What one search needs, kept for the next one.
struct Workspace {
    /// The search that came to each row last.
    std::vector<uint32_t> visits;
    uint32_t visit = 0;
    std::vector<Found> nearest, waiting;
    std::vector<uint32_t> fresh;

    explicit Workspace(size_t count) : visits(count) {}

    void begin() {
        nearest.clear();
        waiting.clear();
        if (++visit == 0) {
            std::fill(visits.begin(), visits.end(), 0);
            visit = 1;
        }
    }

    bool enter(uint32_t row) {
        if (visits[row] == visit) return false;
        visits[row] = visit;
        return true;
    }
};

bool is_excluded(const uint8_t *excluded, uint32_t row) { return excluded && excluded[row / 8] >> (row % 8) & 1; }

}  // namespace

struct ftc_hnsw_searcher {
    ftc_hnsw_vectors vectors;
    ftc_hnsw_graph graph;
    ftc_f16_dot dot = ftc_fastest_f16_dot();
    /// Where the lists of every 64th node begin in `graph.upper`; those between are counted.
    std::vector<size_t> upper_starts;
    std::mutex guard;
    std::vector<std::unique_ptr<Workspace>> idle;

    ftc_hnsw_searcher(ftc_hnsw_vectors vectors, ftc_hnsw_graph graph) : vectors(vectors), graph(graph) {
        upper_starts.reserve(graph.count / 64 + 1);
        size_t start = 0;
        for (uint32_t node = 0; node < graph.count; node++) {
            if (node % 64 == 0) upper_starts.push_back(start);
            start += graph.levels[node] * size_t(1 + graph.m);
        }
    }

    const uint16_t *vector(uint32_t row) const { return vectors.rows + size_t(row) * vectors.dimension; }
    float score(const float *query, uint32_t row) const { return dot(vector(row), query, vectors.dimension); }
    const uint32_t *base_links(uint32_t row) const { return graph.base + size_t(row) * (1 + 2 * graph.m); }

    const uint32_t *upper_links(uint32_t row, uint32_t level) const {
        size_t start = upper_starts[row / 64];
        for (uint32_t node = row / 64 * 64; node < row; node++) start += graph.levels[node] * size_t(1 + graph.m);
        return graph.upper + start + (level - 1) * size_t(1 + graph.m);
    }

    /// The row that a descent through the levels above 0 ends at.
    Found descend(const float *query) const {
        Found best = {score(query, graph.entry), graph.entry};
        for (uint32_t level = graph.top_level; level > 0; level--)
            for (bool moved = true; moved;) {
                moved = false;
                const uint32_t *links = upper_links(best.row, level);
                for (uint32_t link = 1; link <= links[0]; link++) {
                    float near = score(query, links[link]);
                    if (near > best.score) {
                        best = {near, links[link]};
                        moved = true;
                    }
                }
            }
        return best;
    }

    void prefetch(uint32_t row) const {
        const char *bytes = reinterpret_cast<const char *>(vector(row));
        const size_t length = std::min<size_t>(vectors.dimension * 2, 256);
        for (size_t offset = 0; offset < length; offset += 64) __builtin_prefetch(bytes + offset);
    }

    /// Algorithm 2 of the paper on level 0. The vectors of all new neighbors are on their way from memory before the first is used.
    void search(Workspace &space, const float *query, size_t ef, const uint8_t *excluded) const {
        Found start = descend(query);
        space.begin();
        space.enter(start.row);
        space.waiting.push_back(start);
        if (!is_excluded(excluded, start.row)) space.nearest.push_back(start);
        while (!space.waiting.empty()) {
            Found current = space.waiting.front();
            if (space.nearest.size() >= ef && current.score < space.nearest.front().score) break;
            std::pop_heap(space.waiting.begin(), space.waiting.end(), NearestFirst());
            space.waiting.pop_back();
            const uint32_t *links = base_links(current.row);
            space.fresh.clear();
            for (uint32_t link = 1; link <= links[0]; link++)
                if (space.enter(links[link])) {
                    space.fresh.push_back(links[link]);
                    prefetch(links[link]);
                }
            for (uint32_t row : space.fresh) take(space, {score(query, row), row}, ef, excluded);
        }
    }

    void take(Workspace &space, Found found, size_t ef, const uint8_t *excluded) const {
        if (space.nearest.size() >= ef && found.score <= space.nearest.front().score) return;
        space.waiting.push_back(found);
        std::push_heap(space.waiting.begin(), space.waiting.end(), NearestFirst());
        __builtin_prefetch(base_links(space.waiting.front().row));
        if (is_excluded(excluded, found.row)) return;
        space.nearest.push_back(found);
        std::push_heap(space.nearest.begin(), space.nearest.end(), FarthestFirst());
        if (space.nearest.size() > ef) {
            std::pop_heap(space.nearest.begin(), space.nearest.end(), FarthestFirst());
            space.nearest.pop_back();
        }
    }

    std::unique_ptr<Workspace> workspace() {
        {
            std::lock_guard<std::mutex> lock(guard);
            if (!idle.empty()) {
                auto space = std::move(idle.back());
                idle.pop_back();
                return space;
            }
        }
        return std::make_unique<Workspace>(graph.count);
    }
};

const char *ftc_hnsw_fault(const ftc_hnsw_graph *graph) {
    if (graph->m < 2 || graph->m > 1024) return "its number of links";
    if (graph->count == 0) return graph->upper_count == 0 ? nullptr : "its lists";
    if (graph->entry >= graph->count || graph->levels[graph->entry] != graph->top_level) return "its entry";
    size_t upper = 0;
    for (uint32_t node = 0; node < graph->count; node++) {
        if (graph->levels[node] > std::min(graph->top_level, highest_level)) return "a level";
        const uint32_t *links = graph->base + size_t(node) * (1 + 2 * graph->m);
        if (links[0] > 2 * graph->m) return "a number of links";
        for (uint32_t link = 1; link <= links[0]; link++)
            if (links[link] >= graph->count) return "a link";
        for (uint32_t level = 1; level <= graph->levels[node]; level++, upper += 1 + graph->m) {
            if (graph->upper_count - upper < 1 + graph->m) return "the number of its lists";
            links = graph->upper + upper;
            if (links[0] > graph->m) return "a number of links";
            for (uint32_t link = 1; link <= links[0]; link++)
                if (links[link] >= graph->count || graph->levels[links[link]] < level) return "a link";
        }
    }
    return upper == graph->upper_count ? nullptr : "the number of its lists";
}

ftc_hnsw_searcher *ftc_hnsw_searcher_make(ftc_hnsw_vectors vectors, ftc_hnsw_graph graph) {
    try {
        return new ftc_hnsw_searcher(vectors, graph);
    } catch (...) {
        return nullptr;
    }
}

void ftc_hnsw_searcher_free(ftc_hnsw_searcher *searcher) { delete searcher; }

long ftc_hnsw_search(ftc_hnsw_searcher *searcher, const float *query, size_t ef, const uint8_t *excluded, uint32_t *rows,
                     float *scores) {
    if (searcher->graph.count == 0 || ef == 0) return 0;
    try {
        auto space = searcher->workspace();
        searcher->search(*space, query, ef, excluded);
        auto &found = space->nearest;
        std::sort(found.begin(), found.end(), [](const Found &left, const Found &right) {
            return left.score != right.score ? left.score > right.score : left.row < right.row;
        });
        long count = static_cast<long>(found.size());
        for (long position = 0; position < count; position++) {
            rows[position] = found[position].row;
            scores[position] = found[position].score;
        }
        std::lock_guard<std::mutex> lock(searcher->guard);
        searcher->idle.push_back(std::move(space));
        return count;
    } catch (...) {
        return -1;
    }
}
