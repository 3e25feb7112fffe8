import Tensors

extension PictureListing {
    /// The pictures in archives that were named. One archive is like a folder: what is not in it any more leaves the listing.
    ///
    /// Throws `InputError` where another file is among them, an archive is none or is damaged, or they hold no picture.
    static func archives(_ files: [String]) throws -> PictureListing {
        if let other = files.first(where: { !PictureArchive.isNamedAsOne($0) }) {
            throw InputError(
                other, "is no archive among \(files.count) inputs", remedy: "Give archives only, or pictures only.")
        }
        let paths = try files.map(FilePath.real)
        guard paths.count > 1 else { return try archives(in: paths, root: paths[0]) }
        return try archives(in: paths, root: sharedFolder(of: paths), isFolder: false)
    }

    /// The pictures in the archives at `paths`, those of each in the bytewise order of their names. Throws as `archives(_:)` does.
    static func archives(in paths: [String], root: String, isFolder: Bool = true) throws -> PictureListing {
        var (pictures, refused, otherFiles) = ([ListedPicture](), [Refusal](), 0)
        for path in paths {
            let archive = try OpenArchives.shared.archive(at: path)
            let names = archive.members.keys.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            pictures += names.map { name in
                let member = archive.members[ExactText(name)]
                return ListedPicture(path: "\(path)/\(name)", label: member?.label, split: member?.split)
            }
            refused += archive.refused
            otherFiles += archive.otherFiles
        }
        guard !pictures.isEmpty else {
            let first = refused.first.map { "; \($0.path) \($0.reason)" } ?? ""
            throw InputError(
                paths.count == 1 ? paths[0] : root, "holds no pictures (\(otherFiles) other files\(first))",
                remedy:
                    "Files in archives are read whose extension is \(ImageFormat.fileExtensions.joined(separator: ", "))"
            )
        }
        return PictureListing(
            root: root, isFolder: isFolder, pictures: pictures, otherFiles: otherFiles, refused: refused)
    }
}
