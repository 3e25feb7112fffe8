import FeatureStorage
import Tensors

/// How the features of two spaces of one dimension differ, content by content.
///
/// One pass over the row tables of the second space notes where each content is, about 100 bytes a feature. Then the first
/// space is read in pools of whole chunks, up to 256 MiB decoded, and for each pool every chunk of the second that has one of
/// its contents once: so each store is read about once where both were built in the same order, and the second at most once
/// a pool where they were not. Besides, one chunk of the second is held.
public struct FeatureComparison: Sendable, Hashable, Codable {
    /// Contents that both have.
    public private(set) var inBoth = 0
    /// Contents that the second lacks.
    public private(set) var onlyInFirst = Tally()
    /// Contents that the first lacks.
    public private(set) var onlyInSecond = Tally()
    /// Contents in both whose features are not the same bits.
    public private(set) var different = Tally()
    /// Those of them with a value that differs by more than the tolerance.
    public private(set) var beyondTolerance = Tally()
    /// The largest absolute difference of two values; 0 where no content is in both.
    public private(set) var largestDifference = 0.0

    /// Whether both have the same contents, and features within the tolerance. A negative and a positive zero are 0 apart.
    public var isSame: Bool { onlyInFirst.count + onlyInSecond.count + beyondTolerance.count == 0 }

    static let poolBytes = 256 << 20

    /// Compares all features of two spaces, whose dimensions must be equal. `name` tells what to call a content. Throws as
    /// `StoredChunks.read(at:)` does.
    init(
        _ first: StoredChunks, _ second: StoredChunks, tolerance: Double, poolBytes: Int = Self.poolBytes,
        name: (Fingerprint) -> String
    ) throws {
        precondition(
            first.space.dimension == second.space.dimension,
            "features of \(first.space.dimension) and of \(second.space.dimension) values")
        var places = try ContentPlaces(second)
        let rowBytes = first.space.dimension * MemoryLayout<Float>.size
        var start = 0
        while start < first.count {
            var (end, rows) = (start + 1, first.rows(at: start))
            while end < first.count, (rows + first.rows(at: end)) * rowBytes <= poolBytes {
                rows += first.rows(at: end)
                end += 1
            }
            let pool = try (start..<end).map(first.read)
            try compare(pool, second, &places, tolerance: tolerance, name: name)
            start = end
        }
        try places.forEachUnmatched(second) { onlyInSecond.add(name($0)) }
    }

    private mutating func compare(
        _ pool: [FeatureTable], _ second: StoredChunks, _ places: inout ContentPlaces, tolerance: Double,
        name: (Fingerprint) -> String
    ) throws {
        var pairs: [UInt32: [(table: Int, row: Int, other: Int)]] = [:]
        for (number, table) in pool.enumerated() {
            for (row, content) in table.contents.enumerated() {
                guard let place = places.match(content) else {
                    onlyInFirst.add(name(content))
                    continue
                }
                pairs[place.chunk, default: []].append((number, row, Int(place.row)))
            }
        }
        for (chunk, pairs) in pairs.sorted(by: { $0.key < $1.key }) {
            let other = try second.read(at: Int(chunk))
            for pair in pairs {
                let difference = RowDifference(
                    pool[pair.table].features.row(pair.row), other.features.row(pair.other))
                inBoth += 1
                guard !difference.isSameBits else { continue }
                largestDifference = max(largestDifference, difference.largest)
                let content = other.contents[pair.other]
                different.add(name(content))
                if difference.largest > tolerance { beyondTolerance.add(name(content)) }
            }
        }
    }
}

/// Where the contents of a space are, and which of them another space has too.
private struct ContentPlaces {
    struct Place {
        let chunk: UInt32
        let row: UInt32
    }

    private var places: [Fingerprint: Place] = [:]
    private var isMatched: [[Bool]] = []

    init(_ chunks: StoredChunks) throws {
        for position in 0..<chunks.count {
            let contents = try chunks.contents(at: position)
            for (row, content) in contents.enumerated() {
                places[content] = Place(chunk: UInt32(position), row: UInt32(row))
            }
            isMatched.append([Bool](repeating: false, count: contents.count))
        }
    }

    /// Where the content is, which from now on counts as matched; nil where it is not.
    mutating func match(_ content: Fingerprint) -> Place? {
        guard let place = places[content] else { return nil }
        isMatched[Int(place.chunk)][Int(place.row)] = true
        return place
    }

    func forEachUnmatched(_ chunks: StoredChunks, _ body: (Fingerprint) -> Void) throws {
        for (position, matched) in isMatched.enumerated() where matched.contains(false) {
            for (content, isMatched) in zip(try chunks.contents(at: position), matched) where !isMatched {
                body(content)
            }
        }
    }
}

/// How two rows of one length differ.
struct RowDifference {
    /// Whether all values have the same bits.
    let isSameBits: Bool
    /// The largest absolute difference, exact: the difference of two `Float` taken as `Double`.
    let largest: Double

    init(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) {
        precondition(left.count == right.count, "rows of \(left.count) and \(right.count) values")
        (isSameBits, largest) = left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                var (bits, largest) = (UInt32(0), 0.0)
                for index in left.indices { bits |= left[index].bitPattern ^ right[index].bitPattern }
                guard bits != 0 else { return (true, 0) }
                for index in left.indices {
                    largest = max(largest, (Double(left[index]) - Double(right[index])).magnitude)
                }
                return (false, largest)
            }
        }
    }
}
