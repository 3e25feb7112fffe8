/// How dense an HNSW graph is and how hard it is looked through.
public struct GraphParameters: Sendable, Hashable, Codable {
    /// Links of a row on each level above 0; twice as many on level 0. More find more and take more memory: `8 m` bytes a row and some.
    /// 16 as in hnswlib.
    public var links: Int
    /// Candidates while a row is added; more make a better graph more slowly. 200 as in hnswlib.
    public var constructionEffort: Int

    /// The numbers that can be.
    public static let linkRange = 2...256
    /// The numbers that can be.
    public static let effortRange = 1...100_000

    /// hnswlib's defaults, unless told otherwise; must be in their ranges.
    public init(links: Int = 16, constructionEffort: Int = 200) {
        precondition(Self.linkRange.contains(links) && Self.effortRange.contains(constructionEffort), "no such graph")
        (self.links, self.constructionEffort) = (links, constructionEffort)
    }
}
