/// By which way neighbors are found.
public enum IndexChoice: String, Sendable, Hashable, CaseIterable {
    /// Exactly, where that is fast enough or there is no graph; else in the graph.
    case auto
    /// By comparing a query with every row.
    case exact
    /// In an HNSW graph, which may miss some.
    case hnsw

    /// Products of numbers, rows times dimension times queries, that are fast enough: about a quarter of a second on two cores.
    static let fastEnough = 4_000_000_000
}
