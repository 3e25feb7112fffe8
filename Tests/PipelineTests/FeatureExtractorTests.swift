import Backbones
import FeatureStorage
import Foundation
import ImageInput
import Tensors
import Testing

@testable import Pipeline

/// Features that tell which picture they came from: the mean of each channel of the crop. Some pictures take longer.
private final class ChannelMeans: Backbone {
    let featureDimension = 3
    let inputShape = (channels: 3, height: 224, width: 224)
    private let delay: Double
    private let failsOnRed: Bool

    init(delay: Double = 0, failsOnRed: Bool = false) { (self.delay, self.failsOnRed) = (delay, failsOnRed) }

    func features(of batch: Tensor4) throws -> Matrix {
        if failsOnRed, batch.elements.contains(where: { $0 > 2 }) { throw InputError("layer 'conv'", "has no memory") }
        Thread.sleep(forTimeInterval: delay)
        let area = batch.height * batch.width
        return Matrix(
            rows: batch.count, columns: 3,
            elements: (0..<batch.count * 3).map { index in
                batch.elements[index * area..<(index + 1) * area].reduce(0, +) / Float(area)
            })
    }
}

@Suite("FeatureExtractor")
struct FeatureExtractorTests {
    private let space = FeatureSpace(
        name: "means", fields: ["kind": "means"], dimension: 3, rowType: .float16, recipe: [:])

    private func bitmap(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Data {
        func little(_ value: Int, _ bytes: Int) -> Data { Data((0..<bytes).map { UInt8(value >> (8 * $0) & 0xFF) }) }
        let pixels = Data((0..<16).flatMap { _ in [blue, green, red] })
        return Data("BM".utf8) + little(54 + pixels.count, 4) + little(0, 4) + little(54, 4) + little(40, 4)
            + little(4, 4) + little(4, 4) + little(1, 2) + little(24, 2) + little(0, 24) + pixels
    }

    private func extract(
        _ folder: TemporaryFolder, store: String = "s.fcstore", interruption: Interruption = Interruption(),
        backbones: [any Backbone] = [ChannelMeans(), ChannelMeans()],
        configure: (inout FeatureExtractor) -> Void = { _ in }, progress: (ProgressUpdate) -> Void = { _ in }
    ) throws -> BuildReport {
        var extractor = FeatureExtractor(
            backbones: backbones, batchSize: 4, decoder: ImageDecoder(), preprocessor: .torchvisionV1)
        configure(&extractor)
        var writer = try FeatureStoreWriter(path: folder.path(store), space: space)
        let report = try extractor.extract(
            try PictureListing.read([folder.path("photos")]), into: &writer, interruption: interruption,
            progress: progress)
        try writer.finish()
        return report
    }

    @Test("Every picture gets its own feature, whatever batch it was in")
    func features() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for red in 0..<30 { try folder.write(bitmap(UInt8(red * 8), 10, 20), "photos/a/\(red).bmp") }
        let report = try extract(folder)
        #expect(report.extracted == 30 && report.failures.isEmpty)
        let store = try FeatureStore(path: folder.path("s.fcstore"))
        let table = try store.readFeatures(in: space)
        for picture in try store.pictures(in: space) {
            let number = try #require(Int(picture.path.split(separator: "/").last?.dropLast(4) ?? ""))
            let row = try #require(table.contents.firstIndex(of: picture.content))
            let expected = (Float(number * 8) / 255 - 0.485) / 0.229
            #expect(abs(table.features[row, 0] - expected) < 2e-3)
        }
    }

    @Test("Views are put one behind the other, whatever batch a picture was in")
    func views() throws {
        /// How much lighter the left half of a crop is.
        final class LeftAndRight: Backbone {
            let featureDimension = 1
            let inputShape = (channels: 3, height: 224, width: 224)
            func features(of batch: Tensor4) throws -> Matrix {
                Matrix(
                    rows: batch.count, columns: 1,
                    elements: (0..<batch.count).map { item in
                        (0..<224).reduce(into: Float(0)) { sum, column in
                            let value = batch.elements[item * 3 * 224 * 224 + column]
                            sum += column < 112 ? value : -value
                        } / 112
                    })
            }
        }
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        var slope = bitmap(0, 0, 0)
        for pixel in 0..<16 { slope[54 + 3 * pixel + 2] = UInt8(60 * (pixel % 4)) }
        try folder.write(slope, "photos/a/slope.bmp")
        for red in 0..<9 { try folder.write(bitmap(UInt8(red * 8), 10, 20), "photos/a/\(red).bmp") }
        let one = FeatureSpace(name: "slope", fields: ["kind": "slope"], dimension: 1, rowType: .float32, recipe: [:])
        let spaces = [one, one.seen(as: "flip")]
        var writer = try MultiSpaceWriter(path: folder.path("s.fcstore"), spaces: spaces)
        var extractor = FeatureExtractor(
            backbones: [LeftAndRight(), LeftAndRight()], batchSize: 4, decoder: ImageDecoder(),
            preprocessor: .torchvisionV1)
        extractor.views = [.center, .flip]
        let report = try extractor.extract(
            try PictureListing.read([folder.path("photos")]), into: &writer, interruption: Interruption()
        ) { _ in }
        try writer.finish()
        #expect(report.extracted == 10)
        let store = try FeatureStore(path: folder.path("s.fcstore"))
        let (plain, flipped) = try (store.readFeatures(in: spaces[0]), store.readFeatures(in: spaces[1]))
        #expect(plain.contents == flipped.contents)
        let steep = try #require(plain.contents.firstIndex(of: Fingerprint(of: slope)))
        for row in 0..<10 {
            #expect(abs(plain.features[row, 0] + flipped.features[row, 0]) < 1e-4)
            #expect((abs(plain.features[row, 0]) > 1) == (row == steep))
        }
    }

    @Test("Two spellings of one accent are two files, and both are unchanged the next time")
    func spellings() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        try folder.write(bitmap(1, 2, 3), "photos/a/e\u{301}.bmp")
        try folder.write(bitmap(9, 2, 3), "photos/a/\u{E9}.bmp")
        #expect(try extract(folder).extracted == 2)
        let again = try extract(folder)
        #expect(again.unchanged == 2 && again.removed == 0 && again.duplicates == 0)
    }

    @Test("A pipe among the pictures is a failure and does not hold the build", .timeLimit(.minutes(1)))
    func pipe() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        try folder.write(bitmap(1, 2, 3), "photos/a/1.bmp")
        #expect(mkfifo(folder.path("photos/a/pipe.bmp"), 0o600) == 0)
        #expect(throws: InputError.self) { try PictureFile(path: folder.path("photos/a/pipe.bmp")) }
    }

    @Test("Copies are computed once, in one batch or in several")
    func duplicates() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<20 { try folder.write(bitmap(UInt8(number % 3), 1, 2), "photos/a/\(number).bmp") }
        let report = try extract(folder)
        #expect(report.extracted == 3 && report.duplicates == 17)
        let store = try FeatureStore(path: folder.path("s.fcstore"))
        #expect(try store.pictures(in: space).count == 20)
    }

    @Test("Rows lie in the same order however many threads there are and whatever each of them takes")
    func order() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<60 { try folder.write(bitmap(UInt8(number % 50 * 5), 1, 2), "photos/a/\(number).bmp") }
        for number in stride(from: 0, to: 60, by: 7) { try folder.write(Data("no".utf8), "photos/a/\(number).bmp") }
        let delays = [[0], [0, 0], [0.02, 0, 0.003], [0.001, 0.002, 0.004, 0.008]]
        let tables = try delays.enumerated().map { number, delays in
            _ = try extract(folder, store: "\(number).fcstore", backbones: delays.map { ChannelMeans(delay: $0) })
            return try FeatureStore(path: folder.path("\(number).fcstore")).readFeatures(in: space)
        }
        #expect(tables[0].contents.count > 30)
        for table in tables {
            #expect(table.contents == tables[0].contents && table.features == tables[0].features)
        }
    }

    @Test("Copies of a picture that cannot be used are failures, each with the reason")
    func failedCopies() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<9 { try folder.write(Data("no picture".utf8), "photos/a/\(number).bmp") }
        try folder.write(bitmap(1, 2, 3), "photos/a/good.bmp")
        let report = try extract(folder)
        #expect(report.extracted == 1 && report.failures.count == 9 && report.duplicates == 0)
        #expect(Set(report.failures.map(\.path)).count == 9 && Set(report.failures.map(\.reason)).count == 1)
        #expect(try FeatureStore(path: folder.path("s.fcstore")).pictures(in: space).count == 1)
    }

    @Test("What the network fails with ends the build, and what came before is kept")
    func networkFailure() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<40 { try folder.write(bitmap(UInt8(number), 1, 2), "photos/a/\(number).bmp") }
        try folder.write(bitmap(255, 1, 2), "photos/a/red.bmp")
        let backbones = [ChannelMeans(failsOnRed: true), ChannelMeans(failsOnRed: true)]
        let error = #expect(throws: InputError.self) { try extract(folder, backbones: backbones) }
        #expect(error?.object == "layer 'conv'")
        let again = try extract(folder)
        #expect(again.unchanged + again.extracted == 41 && again.extracted >= 1)
    }

    @Test("A picture that becomes unreadable leaves the listing and is a failure; mended, it comes back")
    func failure() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<3 { try folder.write(bitmap(UInt8(number), 1, 2), "photos/a/\(number).bmp") }
        _ = try extract(folder)
        try folder.write(Data("no longer a picture".utf8), "photos/a/1.bmp")
        let broken = try extract(folder)
        #expect(broken.failures.map(\.path.last) == ["p"] && broken.unchanged == 2)
        let store = try FeatureStore(path: folder.path("s.fcstore"))
        #expect(try store.pictures(in: space).count == 2)
        #expect(try extract(folder).failuresOfEarlierRuns == 1)
        #expect(try extract(folder, configure: { $0.retriesFailed = true }).failuresOfEarlierRuns == 0)
        try folder.write(bitmap(1, 1, 2), "photos/a/1.bmp")
        let mended = try extract(folder)
        #expect(mended.failures.isEmpty && mended.duplicates + mended.extracted == 1)
        #expect(try store.pictures(in: space).count == 3 && store.failures(in: space).isEmpty)
    }

    @Test("An interruption keeps what is done, and the next run does the rest")
    func interruption() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<40 { try folder.write(bitmap(UInt8(number), 1, 2), "photos/a/\(number).bmp") }
        let interruption = Interruption()
        let first = try extract(
            folder, interruption: interruption, progress: { if $0.done >= 8 { interruption.request() } })
        #expect(first.wasInterrupted && first.extracted >= 8 && first.extracted < 40)
        let second = try extract(folder)
        #expect(second.unchanged == first.extracted && second.extracted == 40 - first.extracted)
    }

    @Test("Under the policy fail the first bad picture ends the build after a commit")
    func failPolicy() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<10 { try folder.write(bitmap(UInt8(number), 1, 2), "photos/a/\(number).bmp") }
        try folder.write(Data("text".utf8), "photos/a/bad.bmp")
        #expect(throws: InputError.self) { try extract(folder, configure: { $0.errorPolicy = .fail }) }
        #expect(try FeatureStore(path: folder.path("s.fcstore")).failures(in: space).count == 1)
    }

    @Test("A shard extracts its own pictures only, and leaves alone what the store has of the others")
    func shards() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        for number in 0..<30 { try folder.write(bitmap(UInt8(number * 8), 1, 2), "photos/a/\(number).bmp") }
        try folder.write(Data("text".utf8), "photos/a/bad.bmp")
        let shards = try (1...3).map { try #require(BuildShard(number: $0, of: 3)) }
        var (listed, failed) = (0, 0)
        for shard in shards {
            let report = try extract(folder, configure: { $0.shard = shard })
            #expect(report.removed == 0 && report.extracted + report.failures.count == report.listed)
            listed += report.listed
            failed += report.failures.count
        }
        #expect(listed == 31 && failed == 1)
        let store = try FeatureStore(path: folder.path("s.fcstore"))
        #expect(try store.pictures(in: space).count == 30 && store.failures(in: space).count == 1)
        let whole = try extract(folder)
        #expect(whole.unchanged == 30 && whole.failuresOfEarlierRuns == 1)

        // What is gone leaves the listing only in the build of its shard.
        try FileManager.default.removeItem(atPath: folder.path("photos/a/7.bmp"))
        let path = try #require(
            try store.pictures(in: space).map(\.path).first { $0.hasSuffix("/7.bmp") })
        let root = String(path.dropLast("/a/7.bmp".count))
        for shard in shards.sorted(by: { one, _ in !one.contains(path, root: root) }) {
            let report = try extract(folder, configure: { $0.shard = shard })
            #expect(report.removed == (shard.contains(path, root: root) ? 1 : 0))
        }
        #expect(try store.pictures(in: space).count == 29)
    }
}
