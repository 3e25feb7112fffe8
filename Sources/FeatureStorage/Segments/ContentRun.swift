import Tensors

/// Consecutive contents in consecutive rows of a chunk.
struct ContentRun: Hashable, Sendable {
    let firstContent: Int64
    var count: Int
    let firstRow: Int

    /// The row after the last.
    var endRow: Int { firstRow + count }

    /// The contents' numbers.
    var contents: Range<Int64> { firstContent..<firstContent + Int64(count) }

    func contains(_ content: Int64) -> Bool { content >= firstContent && content - firstContent < count }
}

extension [ContentRun] {
    /// Whether one of these runs, in ascending order, has a content.
    func holds(_ content: Int64) -> Bool {
        let position = firstPosition { $0.contents.upperBound > content }
        return position < count && self[position].contains(content)
    }
}
