import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The writer of several spaces") struct MultiSpaceWriterTests {
    private let spaces = [
        Sample.space(dimension: 24), Sample.space("96", dimension: 5), Sample.space("32", dimension: 9),
    ]

    private func writer(_ folder: ScratchFolder, rows: Int = 4) throws -> MultiSpaceWriter {
        try MultiSpaceWriter(path: folder.store, spaces: spaces, otherSpaces: .refuse, bufferBytes: rows * 4 * 38)
    }

    private func feature(_ number: Int) -> ArraySlice<Float> {
        spaces.flatMap { Sample.feature(number, dimension: $0.dimension) }[...]
    }

    @Test("gives each space its values, and all of them the listing, the failures and the removals")
    func split() throws {
        let folder = try ScratchFolder()
        var writer = try writer(folder)
        #expect(writer.dimension == 38)
        for number in 0..<10 { try writer.append(feature: feature(number), of: Sample.picture(number)) }
        try writer.append(feature: feature(3), of: Sample.picture(3, path: "/p/twin.jpg"))
        try writer.recordFailure(Sample.failure(20))
        try writer.remove(paths: ["/p/7.jpg"])
        #expect(writer.contents().count == 10)
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        for space in spaces {
            let table = try store.readFeatures(in: space)
            #expect(table.contents.count == 10)
            for (row, content) in table.contents.enumerated() {
                let number = try #require((0..<10).first { Sample.content($0) == content })
                #expect(Array(table.features.row(row)) == Sample.feature(number, dimension: space.dimension))
            }
            #expect(try store.pictures(in: space).count == 10)
            #expect(try store.failures(in: space).map(\.path) == ["/p/20.jpg"])
        }
        #expect(try StoreVerification(path: folder.store, full: true).run().problems.isEmpty)
    }

    @Test("what one space lacks is not known, and is taken in again there alone")
    func uneven() throws {
        let folder = try ScratchFolder()
        var first = try FeatureStoreWriter(small: folder.store, spaces[0])
        try first.append(samples: 0..<6)
        try first.recordFailure(Sample.failure(30))
        try first.finish()
        var writer = try writer(folder)
        #expect(writer.contents().isEmpty)
        #expect(try writer.knownPictures(under: "/p").count == 6)
        #expect(try writer.knownFailures(under: "/p").isEmpty, "it failed in one space only")
        for number in 0..<6 { try writer.append(feature: feature(number), of: Sample.picture(number)) }
        try writer.recordFailure(Sample.failure(30))
        try writer.commit()
        #expect(try writer.knownFailures(under: "/p").map(\.path) == ["/p/30.jpg"])
        #expect(writer.contents().count == 6)
        try writer.finish()
        let summaries = try FeatureStore(path: folder.store).spaces()
        #expect(summaries.map(\.rows) == [6, 6, 6] && summaries.allSatisfy { $0.deadRows == 0 })
    }

    @Test("holds the store, and refuses one of other spaces")
    func refusals() throws {
        let folder = try ScratchFolder()
        let held = try writer(folder)
        let error = #expect(throws: InputError.self) { try FeatureStoreWriter(small: folder.store).recovery }
        #expect(error?.fact.contains("is being written") == true)
        try held.finish()
        let other = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: other.store, Sample.space("8"))
        try writer.append(samples: 0..<2)
        try writer.finish()
        let files = try other.files().filter { $0.key.hasPrefix("segments") }
        #expect(throws: InputError.self) { try self.writer(other).dimension }
        try #expect(other.files().filter { $0.key.hasPrefix("segments") } == files)
    }

    @Test("a value that does not fit leaves what was committed")
    func misfit() throws {
        let folder = try ScratchFolder()
        var writer = try writer(folder, rows: 2)
        try writer.append(feature: feature(0), of: Sample.picture(0))
        try writer.append(feature: feature(1), of: Sample.picture(1))
        var bad = Array(feature(2))
        bad[37] = .infinity
        try writer.append(feature: bad[...], of: Sample.picture(2))
        let error = #expect(throws: InputError.self) { try writer.commit() }
        #expect(error?.object == "/p/2.jpg")
        #expect(throws: InputError.self) { try writer.record(Sample.picture(0)) }
        #expect(try FeatureStore(path: folder.store).spaces().map(\.rows).min() == 2)
    }
}
