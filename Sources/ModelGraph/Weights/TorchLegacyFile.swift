import Tensors

/// A checkpoint as `torch.save` wrote it before 1.6: pickles of a magic number, the protocol's version, the machine's
/// properties, the object and the storages' keys, then for each key a 64-bit count and that many numbers.
struct TorchLegacyFile: TorchStorageBytes {
    private let file: MappedFile
    private let storages: [String: Range<Int>]

    /// 0x1950A86A20F9469CFC6C, little-endian, as the first pickle has it.
    private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

    /// Whether a file begins as such a checkpoint does: with a pickle of the magic number.
    static func looksLikeOne(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { bytes in
            let start = bytes.prefix(32)
            return start.first == PickleOpcode.protocolVersion.rawValue
                && start.indices.contains { start[$0...].starts(with: magicNumber) }
        }
    }

    /// Follows the pickles of a file that `looksLikeOne`. Throws `InputError` where it is damaged.
    static func open(_ file: MappedFile) throws -> TorchCheckpoint {
        do {
            let (object, storages) = try file.withUnsafeBytes { bytes in
                let object = try checkpoint(in: bytes)
                return (object, try storageRanges(in: bytes, of: object))
            }
            return try TorchCheckpoint(object, bytes: Self(file: file, storages: storages))
        } catch let error as InputError {
            throw error.within(file.path)
        }
    }

    private static func checkpoint(in bytes: UnsafeRawBufferPointer) throws -> PickledObject {
        let magic = try PickleMachine.object(in: bytes)
        let version = try PickleMachine.object(in: bytes, at: magic.end)
        guard magic.value == .longInteger(magicNumber), version.value == .integer(1001) else {
            throw InputError("checkpoint", "has another magic number or version than torch.save's")
        }
        let system = try PickleMachine.object(in: bytes, at: version.end)
        guard case .dictionary(let index) = system.value else {
            throw InputError("checkpoint", "has no system information")
        }
        let isLittle = system.arena.dictionaries[index].last { $0.key == .string("little_endian") }?.value
        guard isLittle == .bool(true) else {
            throw InputError("checkpoint", "is big-endian", remedy: "Save the weights on a little-endian machine.")
        }
        return try PickleMachine.object(in: bytes, at: system.end)
    }

    private static func storageRanges(
        in bytes: UnsafeRawBufferPointer, of object: PickledObject
    ) throws -> [String: Range<Int>] {
        let keys = try PickleMachine.object(in: bytes, at: object.end)
        guard let list = keys.arena.elements(of: keys.value) else {
            throw InputError("checkpoint", "has no storage keys")
        }
        let sizes = Dictionary(object.arena.storages.map { ($0.key, $0.number.size) }) { first, _ in first }
        var cursor = PickleCursor(bytes, at: keys.end)
        var ranges: [String: Range<Int>] = [:]
        for case .string(let key) in list {
            guard let size = sizes[key] else { throw InputError("storage '\(key)'", "belongs to no tensor") }
            let count = Int(clamping: try cursor.unsigned(UInt64.self))
            let (length, overflow) = count.multipliedReportingOverflow(by: size)
            let start = cursor.position
            _ = try cursor.take(overflow ? .max : length)
            ranges[key] = start..<start + length
        }
        return ranges
    }

    func size(of key: String) -> Int? { storages[key]?.count }

    func withBytes<Result>(of key: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard let range = storages[key] else { throw InputError("storage '\(key)'", "is missing") }
        return try file.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
