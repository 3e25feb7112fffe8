import GRDB
import Tensors

/// In which stretches of the table `images`, which is in the order of its key, the pictures of each content are: what an index on
/// contents would say, in 8 bytes a picture of memory and none of the store. With it a search that goes on looks at a few hundred rows
/// for a picture and not at all of them.
struct ListingBlocks: Sendable {
    /// The key of a row.
    private struct Key {
        let folder: Int64
        let name: String

        var values: [IndexValue] { [.integer(folder), .text(name)] }
    }

    /// The first row of each block.
    private let starts: [Key]
    /// For each picture its content and, in the lower 32 bits, its block; ascending.
    private let places: [UInt64]

    /// With fewer rows more memory goes into keys, with more each look takes longer.
    static let rowsPerBlock = 256

    /// The blocks of the listing as a transaction sees it.
    init(_ database: Database) throws {
        let contents = try Int64.fetchCursor(database, sql: "SELECT content_id FROM images ORDER BY folder_id, name")
        var places: [UInt64] = []
        while let content = try contents.next() {
            guard let content = UInt32(exactly: content) else { throw IndexQueries.damaged("a content of the listing") }
            places.append(UInt64(content) << 32 | UInt64(places.count / Self.rowsPerBlock))
        }
        places.sort()
        self.places = places
        let numbered = "SELECT folder_id, name, row_number() OVER (ORDER BY folder_id, name) AS place FROM images"
        starts = try Row.fetchAll(
            database, sql: "SELECT folder_id, name FROM (\(numbered)) WHERE place % \(Self.rowsPerBlock) = 1"
        ).map { Key(folder: $0[0], name: $0[1]) }
    }

    /// How many blocks there are.
    var count: Int { starts.count }

    /// The blocks with pictures of some contents, ascending.
    func blocks(of contents: some Collection<Int64>) -> [Int] {
        var found: Set<Int> = []
        for content in contents.compactMap({ UInt32(exactly: $0) }) {
            let first = places.firstPosition { $0 >> 32 >= content }
            found.formUnion(places[first...].prefix { $0 >> 32 == content }.map { Int($0 & 0xFFFF_FFFF) })
        }
        return found.sorted()
    }

    /// What keys of a block's rows fulfill, with the values that it compares them with.
    func condition(of block: Int) -> (sql: String, values: [IndexValue]) {
        guard block + 1 < starts.count else { return ("(folder_id, name) >= (?, ?)", starts[block].values) }
        return (
            "(folder_id, name) >= (?, ?) AND (folder_id, name) < (?, ?)",
            starts[block].values + starts[block + 1].values
        )
    }
}
