public import Tensors

/// Something that gives tensors by name.
protocol TensorSource: Sendable {
    /// Names and shapes in the source's order.
    var tensors: [(name: String, shape: [Int])] { get }

    /// The tensor called `name`, or nil where there is none.
    func tensor(_ name: String) throws -> DenseTensor?
}

/// A file of named tensors: safetensors, or a checkpoint that `torch.save` wrote, of which nothing is ever run. What kind
/// it is, its content says; its name does not matter.
///
/// Opening reads names and shapes; numbers are converted to `Float` when a tensor is asked for, straight from the mapped
/// file. The dictionary that training scripts wrap around the weights is undone, and so are `module.`, `_orig_mod.`,
/// `model.`, `backbone.`, `encoder.`, `network.` and `net.` in front of the names, but only where every name has it.
public struct WeightsFile: Sendable {
    /// The kinds of files that can be read.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// huggingface/safetensors.
        case safetensors
        /// `torch.save` since 1.6.
        case torch = "torch checkpoint (zip)"
        /// `torch.save` before 1.6.
        case legacyTorch = "torch checkpoint (before 1.6)"
    }

    /// The path as given.
    public let path: String
    /// What the file is.
    public let format: Format
    /// The tensors' names in the file's order, without the prefixes that were undone.
    public let names: [String]
    private let shapes: [String: [Int]]
    private let prefix: String
    private let source: any TensorSource

    /// Opens the file at `path`. Throws `InputError` where it cannot be read, is damaged, is of another kind, or asks for
    /// more than tensors.
    public init(path: String) throws {
        self.path = path
        (format, source) = try Self.open(path)
        let tensors = source.tensors
        prefix = Self.commonPrefix(of: tensors.map(\.name))
        let length = prefix.count
        names = tensors.map { String($0.name.dropFirst(length)) }
        shapes = Dictionary(uniqueKeysWithValues: zip(names, tensors.map(\.shape)))
    }

    /// The shape of the tensor called `name`, or nil where there is none.
    public func shape(of name: String) -> [Int]? { shapes[name] }

    /// The tensor called `name` as `Float`. Throws `InputError` where there is none or its numbers are of a type that has
    /// no `Float` value.
    public func tensor(named name: String) throws -> DenseTensor {
        do {
            guard let tensor = try source.tensor(prefix + name) else {
                throw InputError("tensor '\(name)'", "is missing")
            }
            return tensor
        } catch let error as InputError {
            throw error.within(path)
        }
    }

    private static func open(_ path: String) throws -> (Format, any TensorSource) {
        let file = try MappedFile(path: path)
        if ZipArchive.looksLikeOne(file) { return (.torch, try TorchZipFile.open(path: path)) }
        if TorchLegacyFile.looksLikeOne(file) { return (.legacyTorch, try TorchLegacyFile.open(file)) }
        if looksLikeSafetensors(file) { return (.safetensors, try SafetensorsFile(path: path)) }
        let kinds = Format.allCases.map(\.rawValue).joined(separator: ", ")
        throw InputError(path, "is not a file of weights that is known", remedy: "Files that can be read: \(kinds).")
    }

    private static func looksLikeSafetensors(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { bytes in
            guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
            return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) <= UInt64(bytes.count - 8)
        }
    }

    private static let wrappers = ["module.", "_orig_mod.", "model.", "backbone.", "encoder.", "network.", "net."]

    private static func commonPrefix(of names: [String]) -> String {
        var prefix = ""
        while !names.isEmpty,
            let next = wrappers.first(where: { wrapper in names.allSatisfy { $0.hasPrefix(prefix + wrapper) } })
        {
            prefix += next
        }
        return prefix
    }
}

extension SafetensorsFile: TensorSource {
    var tensors: [(name: String, shape: [Int])] {
        entries.sorted { ($0.value.bytes.lowerBound, $0.key) < ($1.value.bytes.lowerBound, $1.key) }
            .map { ($0.key, $0.value.shape) }
    }
}
