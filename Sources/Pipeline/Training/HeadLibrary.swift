public import FeatureStorage
import Foundation
public import MetricLearning
public import Tensors

/// A head ready for use: its weights and the space it belongs to.
public struct LoadedHead: Sendable {
    /// Its name, or the file's where it came from a file.
    public let name: String
    /// The projection.
    public let head: ProjectionHead
    /// The space whose features it takes.
    public let space: Fingerprint
    /// SHA-256 of its file.
    public let file: Fingerprint
    /// The folder in the store that it has to itself; nil where it came from a file elsewhere.
    public let folder: String?
}

/// The heads of a store: `heads/NAME/head.safetensors` and `heads/NAME/run.json`.
public struct HeadLibrary: Sendable {
    private let folder: String

    /// The library in a store's heads folder.
    public init(store: FeatureStore) { folder = store.headsFolder }

    /// The library of the store at `path`, which need not be whole.
    public init(storeAt path: String) { folder = FeatureStore.headsFolder(ofStoreAt: path) }

    private static let spaceKey = "finetuner-cache.space"

    /// Writes a trained head and its record, replacing one of the same name as a whole or not at all.
    public func save(
        _ result: HeadTrainer.Result, name: String, space: FeatureSpace, settings: HeadTrainer.Settings
    ) throws -> HeadRecord {
        try Self.check(name: name)
        let file = HeadFile(head: result.head, metadata: [Self.spaceKey: space.fingerprint.hex])
        let data = try file.encoded()
        var record = HeadRecord(
            name: name, space: space.fingerprint, head: Fingerprint(of: data), inputDimension: space.dimension,
            outputDimension: result.head.outputDimension, settings: settings, batchSize: result.batchSize,
            chunksPerPool: result.residence.chunksPerPool, views: result.views, trainingCount: result.trainingCount,
            heldOutCount: result.heldOutCount, kept: result.kept, shrinkage: result.shrinkage,
            validation: result.validation, epochs: result.epochs, losses: result.losses, before: result.before,
            projection: result.projection, after: result.after, pairs: result.pairs, finished: Date())
        record.checksum = record.expectedChecksum
        let json = try CanonicalJSON.encode(record, pretty: true)
        try AtomicFolder.write("\(folder)/\(name)") { folder in
            try AtomicFile.write(data, to: "\(folder)/head.safetensors")
            try AtomicFile.write(json, to: "\(folder)/run.json")
        }
        return record
    }

    /// Throws `InputError` where no head can be written, on read-only media above all: better before a training than after.
    public func requireWritable() throws {
        let parent = folder.parentFolder
        let place = FileManager.default.fileExists(atPath: folder) ? folder : parent
        guard access(place, W_OK | X_OK) == 0 else {
            throw InputError(
                place, "cannot be written to: \(InputError.systemReason)",
                remedy: "Copy the store to a place where you may write.")
        }
    }

    /// The records of all heads, the newest first. Throws `InputError` naming a record that cannot be read.
    public func records() throws -> [HeadRecord] {
        let records = try names().compactMap(record)
        return records.sorted { ($0.finished, $1.name) > ($1.finished, $0.name) }
    }

    /// What is wrong with heads and their records, one error each; empty where all are as they were written.
    public func damaged() -> [InputError] {
        names().compactMap { name in
            do {
                guard try record(of: name) != nil else {
                    return InputError("\(folder)/\(name)", "has no record", remedy: "Delete the folder.")
                }
                try checkDigest(of: name, at: "\(folder)/\(name)/head.safetensors")
                return nil
            } catch { return error as? InputError ?? InputError("\(folder)/\(name)", "\(error)") }
        }
    }

    /// The names of the heads, without folders that are only being written; also of those whose records cannot be read.
    public func names() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The record of the head called `name`; nil where it has none.
    private func record(of name: String) throws -> HeadRecord? {
        let path = "\(folder)/\(name)/run.json"
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let remedy = "Train the head again with --replace, or delete its folder."
        guard let record = try? JSONDecoder().decode(HeadRecord.self, from: data) else {
            let version = try? JSONDecoder().decode(Version.self, from: data)
            guard version?.schema ?? HeadRecord.currentSchema == HeadRecord.currentSchema else {
                throw InputError(path, "was written by another version of this program", remedy: remedy)
            }
            throw InputError(path, "is damaged: it is not a record as train-head writes it", remedy: remedy)
        }
        guard record.checksum == record.expectedChecksum else {
            throw InputError(path, "is damaged: its checksum differs", remedy: remedy)
        }
        return record
    }

    /// What all versions of a record have.
    private struct Version: Decodable { let schema: Int }

    /// The head called `reference` in this library, or the one in the file `reference`. Throws `InputError` where there is
    /// neither, where it is damaged, or where it takes features of another space than `space`.
    public func load(_ reference: String, for space: FeatureSpace) throws -> LoadedHead {
        let inLibrary = "\(folder)/\(reference)/head.safetensors"
        let isName = !reference.contains("/") && FileManager.default.fileExists(atPath: inLibrary)
        let path = isName ? inLibrary : reference
        guard FileManager.default.fileExists(atPath: path) else {
            let names = try records().map(\.name)
            let known = names.isEmpty ? "The store has no heads yet" : "The store has: \(names.joined(separator: ", "))"
            throw InputError(
                "head '\(reference)'", "is neither a head of this store nor a file",
                remedy: "\(known). Train one with train-head, or use --head none.")
        }
        if isName { try checkDigest(of: reference, at: path) }
        let file = try HeadFile(path: path)
        guard let text = file.metadata[Self.spaceKey], let owner = Fingerprint(hex: text) else {
            throw InputError(path, "does not say which features it is for", remedy: "Use a head that train-head wrote.")
        }
        guard owner == space.fingerprint else {
            throw InputError(
                "head '\(reference)'",
                "takes features of the space \(owner.short), and these are of \(space.fingerprint.short) (\(space.name))",
                remedy: "Choose its space with --space, or train a head for this one.")
        }
        return LoadedHead(
            name: isName ? reference : path, head: file.head, space: owner,
            file: try Fingerprint(ofFileAt: path), folder: isName ? "\(folder)/\(reference)" : nil)
    }

    /// Compares a head with the SHA-256 in its record.
    private func checkDigest(of name: String, at path: String) throws {
        // The head may be replaced after its record was read: what is damaged stays so when it is read again.
        for _ in 0..<32 {
            guard let record = try record(of: name) else { return }
            if try Fingerprint(ofFileAt: path) == record.head { return }
        }
        throw InputError(
            path, "is damaged: its SHA-256 is not the one in its record",
            remedy: "Train the head again with --replace.")
    }

    /// Refuses names that could leave the folder or that the command line uses itself.
    public static func check(name: String) throws {
        let allowed = name.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains(scalar))
        }
        guard allowed, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 100, name != "none", name != "auto"
        else {
            throw InputError(
                "head name '\(name)'", "cannot be used",
                remedy:
                    "Use up to 100 letters, digits, '-', '_' and '.', not beginning with '.', and not 'none' or 'auto'."
            )
        }
    }
}
