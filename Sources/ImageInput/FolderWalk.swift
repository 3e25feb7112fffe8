import Foundation
import Tensors

/// Collects the pictures below a folder, depth first, names in bytewise order.
struct FolderWalk {
    private(set) var pictures: [ListedPicture] = []
    private(set) var otherFiles = 0
    /// Those of the other files that are archives by their names.
    private(set) var archives: [String] = []
    private(set) var refused: [PictureListing.Refusal] = []

    private let root: String
    /// The folders from the root to the present one: a link to one of them would never end.
    private var ancestors: [Identity] = []
    /// How often each folder was entered. Links that fan out and meet again multiply the ways to one folder.
    private var visits: [Identity: Int] = [:]
    private static let mostVisits = 64

    /// What makes two paths the same folder.
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    /// A walk below `root`, a resolved path.
    init(root: String) {
        self.root = root
    }

    /// Walks the tree. Throws `InputError` where the root itself cannot be read.
    mutating func run() throws {
        guard let identity = Self.identity(of: root), let entries = FolderEntries.read(root) else {
            throw InputError(root, "is a folder that cannot be read: \(InputError.systemReason)")
        }
        visit(entries, of: root == "/" ? "" : root, identity, label: nil)
    }

    private mutating func visit(
        _ entries: [FolderEntries.Entry], of folder: String, _ identity: Identity, label: String?
    ) {
        ancestors.append(identity)
        visits[identity, default: 0] += 1
        let isRoot = ancestors.count == 1
        for entry in entries {
            guard let name = entry.name else {
                refuse(folder + "/" + entry.displayName, "has a name that is not UTF-8")
                continue
            }
            let path = folder + "/" + name
            switch entry.kind {
            case .file: take(path, named: name, label: label)
            case .folder: enter(path, label: isRoot ? name : label)
            case .link: follow(path, named: name, label: label, isRoot: isRoot)
            case .other: if Self.isPicture(name) { refuse(path, "is not a regular file") }
            }
        }
        ancestors.removeLast()
    }

    private mutating func take(_ path: String, named name: String, label: String?) {
        if Self.isPicture(name) {
            pictures.append(ListedPicture(path: path, label: label))
        } else {
            otherFiles += 1
            if PictureArchive.isNamedAsOne(path) { archives.append(path) }
        }
    }

    private mutating func enter(_ path: String, label: String?) {
        guard let identity = Self.identity(of: path), let entries = FolderEntries.read(path) else {
            return refuse(path, "is a folder that cannot be read: \(InputError.systemReason)")
        }
        visit(entries, of: path, identity, label: label)
    }

    private mutating func follow(_ path: String, named name: String, label: String?, isRoot: Bool) {
        var status = stat()
        guard stat(path, &status) == 0, let target = FilePath.resolved(path) else {
            return refuse(path, "is a symbolic link that cannot be followed: \(InputError.systemReason)")
        }
        guard FilePath.isWithin(target, root) else {
            return refuse(path, "is a symbolic link that leads outside the folder, to \(target)")
        }
        switch FileKind(mode: status.st_mode) {
        case .folder:
            let identity = Identity(status)
            guard !ancestors.contains(identity) else {
                return refuse(path, "is a symbolic link that leads back to a folder it lies in, \(target)")
            }
            guard visits[identity, default: 0] < Self.mostVisits else {
                return refuse(path, "is one of more than \(Self.mostVisits) ways to the folder \(target)")
            }
            enter(path, label: isRoot ? name : label)
        case .file: take(path, named: name, label: label)
        case .link, .other: if Self.isPicture(name) { refuse(path, "is not a regular file") }
        }
    }

    private mutating func refuse(_ path: String, _ reason: String) {
        refused.append(PictureListing.Refusal(path: path, reason: reason))
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? Identity(status) : nil
    }

    /// Whether the name's extension is a picture's, in any case.
    static func isPicture(_ name: String) -> Bool {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let end = name.utf8[name.utf8.index(after: dot)...]
        return extensions.contains { candidate in
            candidate.count == end.count && zip(candidate, end).allSatisfy { $0 == $1 | 0x20 }
        }
    }

    private static let extensions = ImageFormat.fileExtensions.map { Array($0.utf8) }
}
