import Foundation
public import Tensors

/// A file of a search that is not as it was written.
public struct DamagedSearchFile: Sendable, Hashable {
    /// What is wrong.
    public let error: InputError
    /// The files that are of no use any more, in the order in which they may go; searches make them again.
    public let files: [String]
}

extension EmbeddingPlace {
    /// What is wrong with the embeddings and graphs in `folder`: every file is read and compared with its checksums. Empty where nothing is,
    /// and where there are none.
    public static func damaged(in folder: String) -> [DamagedSearchFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".rows") }.sorted().flatMap { name in
            let path = "\(folder)/\(name)"
            func damaged(_ fact: String) -> [DamagedSearchFile] {
                let stem = path.dropLast(".rows".count)
                return [
                    DamagedSearchFile(
                        error: InputError(path, fact, remedy: remedy), files: [path, stem + ".hnsw", stem + ".npy"])
                ]
            }
            guard let data = FileManager.default.contents(atPath: path),
                let manifest = EmbeddingManifest(decoding: data)
            else { return damaged("is damaged") }
            let place = EmbeddingPlace(folder: folder, source: manifest.source, dimension: manifest.dimension)
            return place.manifest == path ? place.damaged() : damaged("has another file's name")
        }
    }

    private static let remedy = "Run finetuner-cache repair: it takes it away, and the next query makes it again."

    private func damaged() -> [DamagedSearchFile] {
        let all = [manifest, graph, array]
        do {
            guard let file = try EmbeddingFile(at: self) else {
                let error = InputError(array, "is missing or cut off", remedy: Self.remedy)
                return [DamagedSearchFile(error: error, files: all)]
            }
            try file.verify()
            do { _ = try GraphFile(over: file) } catch GraphFile.Absence.damaged(let error) {
                return [DamagedSearchFile(error: error, files: [graph])]
            } catch {}
            return []
        } catch {
            return [DamagedSearchFile(error: error as? InputError ?? InputError(array, "\(error)"), files: all)]
        }
    }
}
