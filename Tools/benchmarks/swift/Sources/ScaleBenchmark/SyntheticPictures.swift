import FeatureStorage
import Foundation
import Measuring
import Tensors

/// Pictures that do not exist, with features as a frozen network with a ReLU at its end gives them: about half of the values are zeros,
/// and pictures of a class lie near each other.
struct SyntheticPictures {
    static let picturesPerClass = 1000
    private static let root = "/data/pictures"

    let count: Int
    let dimension: Int
    let space: FeatureSpace
    private let centers: [Float]

    init(count: Int, dimension: Int) {
        (self.count, self.dimension) = (count, dimension)
        space = FeatureSpace(name: "synthetic", fields: ["model": "synthetic"], dimension: dimension)
        var generator = SplitMix(state: 1)
        let classes = (count + Self.picturesPerClass - 1) / Self.picturesPerClass
        centers = (0..<classes * dimension).map { _ in generator.uniform() + generator.uniform() }
    }

    /// The numbers of the pictures of part `shard`, `0..<shards`, in the order in which a build extracts them: a random one, here that of
    /// the multiples of a number without a common divisor with `count`. Every part has pictures of every class.
    func numbers(ofShard shard: Int, of shards: Int) -> some Sequence<Int> {
        let step = Self.step(for: count)
        return stride(from: 0, to: count, by: 1).lazy.map { $0 * step % count }.filter { $0 % shards == shard }
    }

    /// What a listing of the folder would say of a picture.
    func entry(_ number: Int) -> PictureEntry {
        let label = "n\(10_000_000 + number / Self.picturesPerClass)"
        return PictureEntry(
            path: "\(Self.root)/\(label)/\(label)_\(number).jpg", label: label,
            content: Fingerprint(of: Array("picture \(number)".utf8)), size: 90_000 + number % 60_000,
            modified: 1_700_000_000_000_000_000 + Int64(number) * 1_000_003, root: Self.root)
    }

    /// The picture's feature, `dimension` values, in `target`: its class's center moved by noise, and 0 where that is negative.
    func feature(_ number: Int, into target: inout [Float]) {
        var generator = SplitMix(state: UInt64(number) &* 0x2545_F491_4F6C_DD1D)
        let center = number / Self.picturesPerClass * dimension
        for index in 0..<dimension { target[index] = max(0, centers[center + index] + 0.8 * generator.uniform()) }
    }

    /// About 0.618 of the count, so that consecutive multiples are far from each other.
    private static func step(for count: Int) -> Int {
        var step = max(1, Int(0.618_033_988_75 * Double(count)))
        while greatestCommonDivisor(step, count) != 1 { step += 1 }
        return step
    }

    private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
        other == 0 ? one : greatestCommonDivisor(other, one % other)
    }
}
