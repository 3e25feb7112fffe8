import Synchronization
import Tensors

/// Finds the pictures of contents in the listing. The first look goes over all of it, as a program that asks once has no use for more;
/// the second remembers where every content is, until the listing changes.
final class ListingLookup: Sendable {
    private struct Known {
        let moment: IndexMoment
        let blocks: ListingBlocks?
    }

    private let known = Mutex<Known?>(nil)

    /// Calls `body` with the pictures that have one of some contents, by their numbers, in the order of the listing.
    func forEachImage(
        withContents numbers: [Int64], _ queries: IndexQueries, at moment: IndexMoment,
        _ body: (IndexQueries.Image) throws -> Void
    ) throws {
        let list = IndexValue.text("[" + numbers.map(String.init).joined(separator: ",") + "]")
        let isWanted = "content_id IN (SELECT value FROM json_each(?))"
        for (range, values) in Self.ranges(of: numbers, in: try blocks(queries, moment)) {
            try queries.rows.forEach(.images, condition: "WHERE \(range) AND \(isWanted)", values + [list]) {
                try body(IndexQueries.Image($0))
            }
        }
    }

    /// What the rows to look at fulfill, with the values that it compares them with: those of a few blocks, or all.
    private static func ranges(
        of numbers: [Int64], in blocks: ListingBlocks?
    ) -> [(sql: String, values: [IndexValue])] {
        guard let blocks else { return [("TRUE", [])] }
        let places = blocks.blocks(of: numbers)
        return places.count * 2 < blocks.count ? places.map(blocks.condition) : [("TRUE", [])]
    }

    /// The blocks of the listing as it is now; nil at the first look at it.
    private func blocks(_ queries: IndexQueries, _ moment: IndexMoment) throws -> ListingBlocks? {
        let before = known.withLock { $0 }
        guard let before, before.moment == moment else {
            known.withLock { $0 = Known(moment: moment, blocks: nil) }
            return nil
        }
        if let blocks = before.blocks { return blocks }
        let blocks = try ListingBlocks(queries.rows.database)
        known.withLock { $0 = Known(moment: moment, blocks: blocks) }
        return blocks
    }
}
