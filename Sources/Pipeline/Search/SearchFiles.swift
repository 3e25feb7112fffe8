import FeatureStorage
import Foundation
import Retrieval
public import Tensors

/// What searches keep in a store: embeddings of heads and of raw features, and graphs over them.
public struct SearchFiles: Sendable {
    private let folders: [String]

    /// The files in the store at `path`, which need not be whole.
    public init(storeAt path: String) {
        let heads = FeatureStore.headsFolder(ofStoreAt: path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: heads)) ?? []
        folders =
            names.filter { !$0.hasPrefix(".") }.sorted().map { "\(heads)/\($0)" }
            + [FeatureStore.embeddingsFolder(ofStoreAt: path)]
    }

    /// What is wrong with them, one error each; empty where all are as they were written. Reads every file.
    public func damaged() -> [InputError] { folders.flatMap { EmbeddingPlace.damaged(in: $0) }.map(\.error) }

    /// Takes away what is not as it was written: searches make it again. Returns what was wrong. Throws `InputError` where a file cannot be
    /// removed.
    public func removeDamaged() throws -> [InputError] {
        try folders.flatMap { EmbeddingPlace.damaged(in: $0) }.map { damaged in
            for file in damaged.files {
                guard unlink(file) == 0 || errno == ENOENT else {
                    throw InputError(
                        file, "cannot be removed: \(InputError.systemReason)", remedy: "Check the rights there.")
                }
            }
            return damaged.error
        }
    }
}
