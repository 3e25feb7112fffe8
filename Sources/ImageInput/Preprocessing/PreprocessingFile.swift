import Foundation
import Tensors

/// A JSON file that says how a network's pictures are prepared, in one of three forms: our own keys, timm's `config.json`,
/// and transformers' `preprocessor_config.json`. What the file leaves open stays the network's own.
public struct PreprocessingFile: Sendable, Hashable {
    /// Whose keys a file has.
    public enum Form: String, Sendable {
        /// `inputSize`, `resize`, `cropPct`, `interpolation`, `mean`, `std`, `channelOrder`, `decoding`.
        case own
        /// `input_size`, `crop_pct`, …, at the top or in `pretrained_cfg`.
        case timm
        /// `size`, `crop_size`, `image_mean`, …
        case transformers
    }

    /// The path as given.
    public let path: String
    /// Whose keys it has.
    public let form: Form
    /// What it says.
    public let overrides: PreprocessingOverrides

    /// The most bytes that a file can have.
    public static let largestSize = 1 << 20

    /// Reads the file at `path`. Throws `InputError` naming the file, and the key where one is unknown, wrong or
    /// contradicts another.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        guard file.count <= Self.largestSize else {
            throw InputError(
                path, "has \(file.count) bytes, more than a preprocessing needs", remedy: "Give a JSON file up to 1 MB."
            )
        }
        let data = file.withUnsafeBytes { Data($0) }
        do { (form, overrides) = try Self.read(data) } catch let error as InputError { throw error.within(path) }
        self.path = path
    }

    /// The file beside a weights file, its path with `.json` appended; nil where there is none. Throws as `init(path:)`.
    public static func beside(weightsAt path: String) throws -> PreprocessingFile? {
        let sidecar = path + ".json"
        return FileManager.default.fileExists(atPath: sidecar) ? try PreprocessingFile(path: sidecar) : nil
    }

    /// The form of a file's text and what it says. Throws `InputError` about a key or about "JSON".
    static func read(_ data: Data) throws -> (Form, PreprocessingOverrides) {
        guard case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw InputError("JSON", "is damaged or is not an object", remedy: "Write {\"inputSize\": 224, …}.")
        }
        if case .object(let inner)? = members["pretrained_cfg"] {
            return (.timm, try TimmPreprocessing(PreprocessingKeys(inner)).overrides())
        }
        let keys = PreprocessingKeys(members)
        if keys.hasAny(of: OwnPreprocessing.marks) {
            return (.own, try OwnPreprocessing(keys).overrides())
        }
        if keys.hasAny(of: TransformersPreprocessing.marks) {
            return (.transformers, try TransformersPreprocessing(keys).overrides())
        }
        if keys.hasAny(of: TimmPreprocessing.marks) { return (.timm, try TimmPreprocessing(keys).overrides()) }
        return (.own, try OwnPreprocessing(keys).overrides())
    }
}
