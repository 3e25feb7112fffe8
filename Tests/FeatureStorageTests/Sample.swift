import Foundation
import Tensors

@testable import FeatureStorage

/// Made-up pictures, features and stores.
enum Sample {
    static func space(_ crop: String = "224", dimension: Int = 24) -> FeatureSpace {
        FeatureSpace(
            name: "toy @ pool \(crop)", fields: ["model.tensors": "abc", "cut": "pool", "preprocessing.crop": crop],
            dimension: dimension, recipe: ["model": "toy"])
    }

    static func content(_ number: Int) -> Fingerprint { Fingerprint(of: Data("picture \(number)".utf8)) }

    static func picture(_ number: Int, path: String? = nil, label: String? = "cat", root: String = "/p") -> PictureEntry
    {
        PictureEntry(
            path: path ?? "\(root)/\(number).jpg", label: label, split: [nil, "train", "gallery,query"][number % 3],
            content: content(number), size: 1000 + number, modified: 1_700_000_000_123_456_789 + Int64(number),
            root: root)
    }

    static func failure(_ number: Int, root: String = "/p") -> FailureEntry {
        FailureEntry(
            path: "\(root)/\(number).jpg", root: root, reason: "is no picture", size: 10, modified: Int64(number))
    }

    /// Values that f16 holds exactly, four in nine of them zero, as after ReLU.
    static func feature(_ number: Int, dimension: Int = 24) -> [Float] {
        (0..<dimension).map { position in
            let value = (number * 31 + position * 17) % 9
            return value < 4 ? 0 : Float(value * (number % 7 + 1)) / 8
        }
    }
}

extension FeatureStoreWriter {
    /// Appends the features of the sample pictures with these numbers.
    mutating func append(samples numbers: some Sequence<Int>) throws {
        for number in numbers {
            try append(feature: Sample.feature(number, dimension: space.dimension)[...], of: Sample.picture(number))
        }
    }

    /// A writer with small chunks and segments.
    init(small path: String, _ space: FeatureSpace = Sample.space(), segmentBytes: Int = 256 << 20) throws {
        try self.init(
            path: path, space: space, otherSpaces: .add, limits: Limits(chunkRows: 4, segmentBytes: segmentBytes))
    }
}

/// A folder that is gone when the object is. In memory where the system has a place for that: the tests open thousands of
/// stores.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm/"
        let place = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = place + "feature-storage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var store: String { path + "/s.fcstore" }
    var index: String { store + "/index.sqlite" }
    func segment(_ number: Int = 1) -> String { StoreLayout(path: store).segment(number) }

    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }
}

/// All that a reader can see of a store.
struct StoreContents: Equatable {
    struct Space: Equatable {
        let summary: SpaceSummary
        let pictures: [StoredPicture]
        let failures: [FailureEntry]
        let features: FeatureTable
    }

    let spaces: [Space]
    let labels: [String: Int]
    let pictures: Int
    let contents: Int
    let segmentBytes: Int

    init(path: String) throws {
        let store = try FeatureStore(path: path)
        spaces = try store.spaces().map { summary in
            let space = summary.space
            return Space(
                summary: summary, pictures: try store.pictures(in: space), failures: try store.failures(in: space),
                features: try store.readFeatures(in: space))
        }
        let summary = try store.summary()
        (labels, pictures, contents) = (summary.labels, summary.pictures, summary.contents)
        segmentBytes = summary.segmentBytes
    }
}
