import FeatureStorage
import Foundation
import Measuring
import Tensors

/// Unit vectors as frozen networks make them of pictures: 1,000 classes, differences that lie in 32 dimensions, and some noise in all.
struct SyntheticStore {
    static let (classes, latent) = (1000, 32)

    let path: String
    let dimension: Int
    let space: FeatureSpace

    init(path: String, dimension: Int) {
        (self.path, self.dimension) = (path, dimension)
        space = FeatureSpace(name: "synthetic", fields: ["model": "synthetic"], dimension: dimension)
    }

    /// Writes `count` pictures that do not exist by the public writer. Returns the seconds that took, without making the vectors.
    func make(count: Int) throws -> Double {
        var generator = SeededGenerator(seed: 1)
        func gaussian() -> Float { (0..<3).reduce(0) { sum, _ in sum + generator.uniform(-1, 1) } }
        let spread = Matrix(
            rows: Self.latent, columns: dimension, elements: (0..<Self.latent * dimension).map { _ in gaussian() })
        let centers = (0..<Self.classes * Self.latent).map { _ in gaussian() }
        var writer = try FeatureStoreWriter(path: path, space: space)
        var seconds = 0.0
        for start in stride(from: 0, to: count, by: 4096) {
            let rows = start..<min(start + 4096, count)
            let labels = rows.map { _ in generator.index(below: Self.classes) }
            let latent = labels.flatMap { label in
                (0..<Self.latent).map { centers[label * Self.latent + $0] + 0.5 * gaussian() }
            }
            var vectors = Matrix(rows: rows.count, columns: Self.latent, elements: latent).multiplied(by: spread)
            vectors.withUnsafeMutableElements { values in
                for index in values.indices { values[index] += 0.3 * generator.uniform(-1, 1) }
            }
            vectors = vectors.normalizedRows()
            let clock = ContinuousClock.now
            for (position, row) in rows.enumerated() {
                try writer.append(feature: vectors.row(position), of: Self.picture(row, label: labels[position]))
            }
            seconds += elapsed(since: clock)
        }
        let clock = ContinuousClock.now
        try writer.finish()
        return seconds + elapsed(since: clock)
    }

    private static func picture(_ row: Int, label: Int) -> PictureEntry {
        PictureEntry(
            path: "/pictures/class-\(label)/\(row).jpg", label: "class-\(label)",
            content: Fingerprint(of: Array("picture \(row)".utf8)), size: 100_000, modified: 1_700_000_000,
            root: "/pictures")
    }
}
