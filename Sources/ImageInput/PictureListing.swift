public import Foundation
import Tensors

/// A picture that a listing found.
public struct ListedPicture: Sendable, Hashable {
    /// The file's absolute path; for a picture in an archive the archive's, a slash, and the name there.
    public let path: String
    /// The class: the first folder below the root, or nil for a picture that lies in the root or was named by itself.
    public let label: String?
    /// What it is for, such as `train` or `test`; nil where nothing says it.
    public let split: String?
    /// The bytes of its file, where the listing brought them along; nil where they are at `path`.
    public let bytes: Data?

    /// A picture at an absolute path.
    public init(path: String, label: String?, split: String? = nil, bytes: Data? = nil) {
        (self.path, self.label, self.split, self.bytes) = (path, label, split, bytes)
    }
}

/// The pictures of a data set, in an order that depends on names alone.
public struct PictureListing: Sendable {
    /// Something that was met and left out, though it may have been meant.
    public struct Refusal: Sendable, Hashable {
        /// The absolute path; bytes that are not UTF-8 appear as U+FFFD.
        public let path: String
        /// Why it was left out, such as "is a symbolic link that leads outside the folder".
        public let reason: String
    }

    /// The real path of the folder that was listed, or of the deepest one that holds all the files that were named.
    public let root: String
    /// Whether a folder was listed with everything below it, rather than files that were named.
    public let isFolder: Bool
    /// Depth first; within a folder by the bytes of the names. Files that were named by themselves keep their order.
    public let pictures: [ListedPicture]
    /// How many other files, whose extension is no picture's, were passed over.
    public let otherFiles: Int
    /// Links that lead nowhere, outside or in a circle, folders that cannot be read and names that are not UTF-8.
    public let refused: [Refusal]

    /// Lists one folder with everything below it, the files that are named, what one `.csv`, `.tsv` or `.jsonl` file lists, or the
    /// pictures in `.tar` and `.zip` archives.
    ///
    /// In a folder, pictures are the files whose extension is in `ImageFormat.fileExtensions`, in any case; names that
    /// begin with a dot are skipped. Symbolic links are followed as long as they stay within the folder. A file that is
    /// named by itself is listed whatever its extension. A folder without pictures that has archives, such as the shards of a WebDataset,
    /// lists the pictures in them.
    ///
    /// Throws `InputError` where a path is missing or cannot be read, where a folder holds no picture, and where folders
    /// or lists are mixed with other inputs. `allowsOutside` lets the paths of a list lead out of its folder; `dialect` says what
    /// separates the fields of a `.csv` file, and where it `hasPairs`, it names two pictures a row.
    public static func read(
        _ inputs: [String], dialect: CSVDialect = .sniffed, allowsOutside: Bool = false, hasPairs: Bool = false
    ) throws -> PictureListing {
        guard let first = inputs.first else {
            throw InputError("pictures", "none were given", remedy: "Name a folder or some picture files")
        }
        let kinds = try inputs.map(FileKind.init(ofInput:))
        if let list = zip(inputs, kinds).first(where: { $1 == .file && PathTable.isNamedAsOne($0) })?.0 {
            guard inputs.count == 1 else {
                throw InputError(
                    list, "is a list among \(inputs.count) inputs",
                    remedy: "Give one list, one folder, or pictures only")
            }
            return try table(list, dialect: dialect, allowsOutside: allowsOutside, hasPairs: hasPairs)
        }
        guard !hasPairs else {
            throw InputError(first, "is no table of pairs", remedy: "Give one .csv or .tsv file.")
        }
        guard kinds.contains(.folder) else {
            return inputs.contains(where: PictureArchive.isNamedAsOne) ? try archives(inputs) : try named(inputs)
        }
        guard inputs.count == 1 else {
            throw InputError(
                inputs[kinds.firstIndex(of: .folder) ?? 0], "is a folder among \(inputs.count) inputs",
                remedy: "Give one folder, or files only")
        }
        return try tree(first)
    }

    private static func tree(_ folder: String) throws -> PictureListing {
        let root = try FilePath.real(folder)
        var walk = FolderWalk(root: root)
        try walk.run()
        if walk.pictures.isEmpty, !walk.archives.isEmpty { return try archives(in: walk.archives, root: root) }
        guard !walk.pictures.isEmpty else {
            let refused = walk.refused.first.map { first in
                "; \(walk.refused.count) refused, such as \(first.path), which \(first.reason)"
            }
            throw InputError(
                folder, "holds no pictures (\(walk.otherFiles) other files\(refused ?? ""))",
                remedy: "Files are read whose extension is \(ImageFormat.fileExtensions.joined(separator: ", "))")
        }
        return PictureListing(
            root: root, isFolder: true, pictures: walk.pictures, otherFiles: walk.otherFiles, refused: walk.refused)
    }

    private static func named(_ files: [String]) throws -> PictureListing {
        let paths = try files.map(FilePath.absolute)
        return PictureListing(
            root: sharedFolder(of: paths), isFolder: false,
            pictures: paths.map { ListedPicture(path: $0, label: nil) }, otherFiles: 0, refused: [])
    }

    /// The deepest folder that holds all the files at `paths`, which are absolute.
    static func sharedFolder(of paths: [String]) -> String {
        let folders = paths.map { $0.split(separator: "/").dropLast() }
        let shared = folders.dropFirst().reduce(folders.first ?? []) { common, folder in
            common.prefix(zip(common, folder).prefix { $0.utf8.elementsEqual($1.utf8) }.count)
        }
        return "/" + shared.joined(separator: "/")
    }
}
