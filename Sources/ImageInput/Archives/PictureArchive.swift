public import Foundation
import Tensors

/// The pictures of a tar or zip archive, which is read in place and never unpacked.
///
/// A picture in it is called by the archive's path, a slash, and its name there: `/data/train-000.tar/000017.jpg`. In WebDataset's
/// manner the files that share a name up to its first dot describe it: its label is what `NAME.cls` says, else `label` of `NAME.json`,
/// else the one line of `NAME.txt`, else the first folder of its name; `split` of `NAME.json` is its split. Links, devices and
/// whatever else is no file are passed over.
public final class PictureArchive: Sendable {
    /// A picture in the archive.
    struct Member: Sendable {
        let place: Place
        let size: Int
        let label: String?
        let split: String?
    }

    /// Where its bytes are: a tar member's header, or a zip member's number.
    enum Place: Sendable { case offset(Int64), index(UInt64) }

    /// The archive's path.
    public let path: String
    /// When it was last changed, in nanoseconds since 1970.
    public let modified: Int64
    /// The pictures by their names, which are relative.
    let members: [ExactText: Member]
    /// Files that are no pictures, those that describe one not counted.
    let otherFiles: Int
    let refused: [PictureListing.Refusal]
    private let source: Source

    private enum Source: Sendable { case tar(TarFile), zip(ZipFile) }

    /// The endings of names that say that a file is an archive.
    public static let extensions = ["tar", "zip"]

    /// A picture file of more bytes than this is refused.
    static let largestMember = 512 << 20

    /// Reads what is in the archive at `path`, no picture yet. Throws `InputError` where it is none or is damaged.
    public init(path: String) throws {
        self.path = path
        modified = try Self.modified(path)
        var contents = ArchiveContents(archive: path)
        if path.fileExtension.lowercased() == "zip" {
            let file = try ZipFile(path: path)
            for member in file.members() where member.isFile {
                try contents.take(member.name, .index(member.index), member.size) {
                    try file.bytes(of: member.index, size: member.size)
                }
            }
            source = .zip(file)
        } else {
            let file = TarFile(path: path)
            try file.forEachMember { member, bytes in
                guard member.isFile else { return }
                try contents.take(member.name, .offset(member.offset), member.size, bytes)
            }
            source = .tar(file)
        }
        (members, otherFiles, refused) = (contents.pictures(), contents.otherFiles, contents.refused)
    }

    /// The length of a picture in bytes; nil where there is no such picture.
    public func size(of name: String) -> Int? { members[ExactText(name)]?.size }

    /// The bytes of the picture file called `name`. Throws `InputError` where there is none or it is damaged.
    public func bytes(of name: String) throws -> Data {
        guard let member = members[ExactText(name)] else {
            throw InputError(path, "has no picture \(name)", remedy: "Build again: it has been changed.")
        }
        switch (source, member.place) {
        case (.tar(let file), .offset(let offset)): return try file.bytes(at: offset, size: member.size)
        case (.zip(let file), .index(let index)): return try file.bytes(of: index, size: member.size)
        default: preconditionFailure("a place of another archive")
        }
    }

    /// When the file at `path` was last changed. Throws `InputError` where it cannot be looked at.
    static func modified(_ path: String) throws -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw InputError(path, "cannot be read: \(InputError.systemReason)") }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
}
