import FeatureStorage
import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("StoreComparison")
struct StoreComparisonTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func feature(_ number: Int) -> [Float] { (0..<8).map { Float((number * 5 + $0 * 3) % 11) / 4 } }

    private func entry(_ number: Int, label: String? = "x", root: String = "/p") -> PictureEntry {
        PictureEntry(
            path: "\(root)/\(number).jpg", label: label, content: Fingerprint(of: Data("content \(number)".utf8)),
            size: 1, modified: Int64(number), root: root)
    }

    /// A store of those pictures in that order, committed every `chunk` rows.
    @discardableResult
    private func store(
        _ name: String, _ numbers: some Sequence<Int>, chunk: Int = 7,
        space: FeatureSpace = SampleStore.space(named: "s"),
        adding: FeatureStoreWriter.OtherSpacePolicy = .refuse,
        change: (Int, inout [Float]) -> Void = { _, _ in },
        then finish: (inout FeatureStoreWriter) throws -> Void = { _ in }
    ) throws -> FeatureStore {
        var writer = try FeatureStoreWriter(path: folder.path(name), space: space, otherSpaces: adding)
        for (position, number) in numbers.enumerated() {
            var values = feature(number)
            change(number, &values)
            try writer.append(feature: values[...], of: entry(number))
            if position % chunk == chunk - 1 { try writer.commit() }
        }
        try finish(&writer)
        try writer.finish()
        return try FeatureStore(path: folder.path(name))
    }

    @Test("The same features in another order and in other chunks are the same")
    func order() throws {
        defer { folder.clean() }
        var generator = SeededGenerator(seed: 4)
        var shuffled = Array(0..<100)
        generator.shuffle(&shuffled)
        let comparison = try StoreComparison(of: store("a", 0..<100), and: store("b", shuffled, chunk: 13))
        #expect(comparison.isSame)
        let space = try #require(comparison.spaces.first)
        #expect(space.features?.inBoth == 100 && space.features?.largestDifference == 0 && space.listing.inBoth == 100)
    }

    @Test("What is in one store only is counted, and the first ten are named")
    func missing() throws {
        defer { folder.clean() }
        let comparison = try StoreComparison(of: store("a", 0..<50), and: store("b", 30..<52))
        #expect(!comparison.isSame)
        let features = try #require(comparison.spaces.first?.features)
        #expect(features.inBoth == 20 && features.onlyInFirst.count == 30 && features.onlyInSecond.count == 2)
        #expect(features.onlyInFirst.examples == (0..<10).map { "/p/\($0).jpg" })
        #expect(features.onlyInSecond.examples == ["/p/50.jpg", "/p/51.jpg"])
        let listing = try #require(comparison.spaces.first?.listing)
        #expect(listing.inBoth == 20 && listing.onlyInFirst.count == 30)
        #expect(listing.onlyInSecond.examples == ["/p/50.jpg", "/p/51.jpg"])
    }

    @Test("A value that differs is found, its size is exact, and the tolerance is inclusive")
    func difference() throws {
        defer { folder.clean() }
        let first = try store("a", 0..<40)
        let second = try store("b", 0..<40) { number, values in
            if number == 17 { values[5] += 0.25 }
            if number == 3 { values[0] += 0.125 }
            if number == 8 { values = values.map { $0 == 0 ? -0.0 : $0 } }
        }
        let strict = try StoreComparison(of: first, and: second)
        let features = try #require(strict.spaces.first?.features)
        #expect(!strict.isSame && features.largestDifference == 0.25 && features.beyondTolerance.count == 2)
        let negativeZeros = feature(8).contains(0) ? 1 : 0
        #expect(features.different.count == 2 + negativeZeros)
        let loose = try StoreComparison(of: first, and: second, tolerance: 0.25)
        #expect(loose.isSame && loose.spaces.first?.features?.different.count == features.different.count)
        let between = try StoreComparison(of: first, and: second, tolerance: 0.2)
        #expect(between.spaces.first?.features?.beyondTolerance.examples == ["/p/17.jpg"])
    }

    @Test("Contents, labels and failures of the listing are compared")
    func listing() throws {
        defer { folder.clean() }
        let failure = FailureEntry(path: "/p/bad.jpg", root: "/p", reason: "r", size: 1, modified: 1)
        let first = try store("a", 0..<20)
        let second = try store(
            "b", 0..<20,
            then: { writer in
                let other = entry(5, label: "y")
                try writer.record(other)
                try writer.record(
                    PictureEntry(
                        path: "/p/6.jpg", label: "x", content: entry(7).content, size: 1, modified: 1, root: "/p"))
                try writer.recordFailure(failure)
            })
        let comparison = try StoreComparison(of: first, and: second)
        #expect(!comparison.isSame)
        let space = try #require(comparison.spaces.first)
        #expect(space.features?.isSame == true && !space.listing.isSame)
        #expect(space.listing.otherLabel.examples == ["/p/5.jpg"])
        #expect(space.listing.otherContent.examples == ["/p/6.jpg"])
        #expect(space.listing.failedOnlyInSecond.examples == ["/p/bad.jpg"])
        #expect(space.listing.failedOnlyInFirst.count == 0)
    }

    @Test("Spaces with other fingerprints are said field by field, and compared where they are asked for")
    func spaces() throws {
        defer { folder.clean() }
        func space(_ crop: String, dimension: Int = 8) -> FeatureSpace {
            FeatureSpace(name: "net @ pool", fields: ["cut": "pool", "crop": crop], dimension: dimension)
        }
        let first = try store("a", 0..<10, space: space("224"))
        let second = try store("b", 0..<10, space: space("256"))
        let apart = try StoreComparison(of: first, and: second)
        #expect(!apart.isSame && apart.spaces.isEmpty)
        #expect(apart.onlyInFirst.map(\.fields) == [["crop: 224 here, 256 there"]])
        #expect(apart.onlyInSecond.map(\.fields) == [["crop: 256 here, 224 there"]])
        let asked = try StoreComparison(of: first, and: second, space: "net @ pool")
        #expect(asked.isSame && asked.spaces.first?.fields == ["crop: 224 here, 256 there"])

        let wide = space("224", dimension: 16)
        var writer = try FeatureStoreWriter(path: folder.path("c"), space: wide)
        try writer.append(feature: [Float](repeating: 1, count: 16)[...], of: entry(1))
        try writer.finish()
        let dimensions = try StoreComparison(of: first, and: FeatureStore(path: folder.path("c")), space: "net")
        #expect(!dimensions.isSame && dimensions.spaces.first?.features == nil)
        #expect(throws: InputError.self) { try StoreComparison(of: first, and: second, space: "none such") }
    }

    @Test("Pools of any size give the same answer as a comparison row by row")
    func pools() throws {
        defer { folder.clean() }
        var generator = SeededGenerator(seed: 9)
        var order = Array(20..<120)
        generator.shuffle(&order)
        let space = SampleStore.space(named: "s")
        let first = try store("a", 0..<100)
        let second = try store("b", order, chunk: 9) { number, values in values[number % 8] += Float(number % 3) / 16 }
        // The naive twin: both stores whole in memory.
        let (left, right) = (try first.readFeatures(in: space), try second.readFeatures(in: space))
        let rows = Dictionary(uniqueKeysWithValues: right.contents.enumerated().map { ($1, $0) })
        var (both, different, largest) = (0, 0, Float(0))
        for (row, content) in left.contents.enumerated() {
            guard let other = rows[content] else { continue }
            both += 1
            let pairs = zip(left.features.row(row), right.features.row(other))
            if pairs.contains(where: { $0 != $1 }) { different += 1 }
            largest = max(largest, pairs.map { abs($0 - $1) }.max() ?? 0)
        }
        #expect(both == 80 && different > 0)
        for bytes in [0, 1000, 256 << 20] {
            let compared = try FeatureComparison(
                first.chunks(in: space), second.chunks(in: space), tolerance: 0, poolBytes: bytes, name: \.hex)
            #expect(compared.inBoth == both && compared.different.count == different)
            #expect(compared.largestDifference == Double(largest))
            #expect(compared.onlyInFirst.count == 20 && compared.onlyInSecond.count == 20)
        }
    }

    @Test("Differences of the largest values do not overflow")
    func extremes() {
        let (a, b): ([Float], [Float]) = ([.greatestFiniteMagnitude, 0], [-.greatestFiniteMagnitude, 0])
        #expect(RowDifference(a[...], b[...]).largest == 2 * Double(Float.greatestFiniteMagnitude))
        #expect(RowDifference([0][...], [-0.0][...]).largest == 0)
        #expect(!RowDifference([0][...], [-0.0][...]).isSameBits)
    }
}
