import Foundation
import Tensors

/// A checkpoint as `torch.save` writes it since 1.6: a ZIP file with `ROOT/data.pkl` and the bytes of each storage as
/// `ROOT/data/KEY`, stored and not packed. As in torch, the CRC-32 of storages is not looked at; torch can leave it out.
struct TorchZipFile: TorchStorageBytes {
    private let archive: ZipArchive
    private let storages: [String: ZipArchive.Member]

    /// A pickle beyond this is no description of tensors.
    private static let largestPickle = 64 << 20

    /// Opens the checkpoint at `path` and follows its pickle. Throws `InputError` where it is damaged or is another ZIP.
    static func open(path: String) throws -> TorchCheckpoint {
        let archive = try ZipArchive(path: path)
        guard let pickle = archive.members.first(where: { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") })
        else {
            throw InputError(path, "is a ZIP file without data.pkl", remedy: "torch.save writes one that can be read.")
        }
        let root = String(pickle.name.dropLast("data.pkl".count))
        do {
            guard archive.member(named: root + "constants.pkl") == nil else {
                throw InputError("archive", "is TorchScript, with code", remedy: PickleMachine.remedy)
            }
            try checkByteOrder(archive, root: root)
            guard pickle.size <= largestPickle else { throw InputError("data.pkl", "has \(pickle.size) bytes") }
            let object = try Self(archive, root: root).withMember(pickle) { try PickleMachine.object(in: $0) }
            return try TorchCheckpoint(object, bytes: Self(archive, root: root))
        } catch let error as InputError {
            throw error.within(path)
        }
    }

    private init(_ archive: ZipArchive, root: String) {
        self.archive = archive
        let prefix = root + "data/"
        let members = archive.members.filter { $0.name.hasPrefix(prefix) }
        storages = Dictionary(members.map { (String($0.name.dropFirst(prefix.count)), $0) }) { first, _ in first }
    }

    private static func checkByteOrder(_ archive: ZipArchive, root: String) throws {
        guard let member = archive.member(named: root + "byteorder"), member.size <= 64 else { return }
        let order = String(decoding: try archive.contents(of: member), as: UTF8.self)
        guard order == "little" else {
            throw InputError(member.name, "says '\(order)'", remedy: "Save the weights on a little-endian machine.")
        }
    }

    func size(of key: String) -> Int? { storages[key]?.size }

    func withBytes<Result>(of key: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard let member = storages[key] else { throw InputError("storage '\(key)'", "is missing") }
        return try withMember(member, body)
    }

    private func withMember<Result>(
        _ member: ZipArchive.Member, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        if let result = try archive.withStoredBytes(of: member, body) { return result }
        return try archive.contents(of: member).withUnsafeBytes(body)
    }
}
