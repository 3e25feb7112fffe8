import Foundation
import Tensors

/// Where the parts of a store lie.
struct StoreLayout: Sendable, Hashable {
    let path: String
    let index: String

    /// The parts of the store at `path`; `index` is for one that is being made beside the one in use.
    init(path: String, index: String = "index.sqlite") { (self.path, self.index) = (path, path + "/" + index) }

    var segmentsFolder: String { path + "/segments" }
    var headsFolder: String { path + "/heads" }
    var runsFolder: String { path + "/runs" }
    var embeddingsFolder: String { path + "/embeddings" }
    var lock: String { path + "/LOCK" }

    static func segmentName(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".seg"
    }

    func segment(_ number: Int) -> String { "\(segmentsFolder)/\(Self.segmentName(number))" }

    /// Whether there is an index, without opening it: closing any descriptor of a SQLite file drops the locks that
    /// this process holds on it.
    var hasIndex: Bool { FileManager.default.fileExists(atPath: index) }

    /// The numbers of the segment files, ascending; empty where there is no folder for them.
    func segmentNumbers() throws -> [Int] {
        guard FileManager.default.fileExists(atPath: segmentsFolder) else { return [] }
        return try entries(of: segmentsFolder).compactMap(Self.segmentNumber).sorted()
    }

    /// The number of a segment file of that name; nil where it is none.
    static func segmentNumber(_ name: String) -> Int? {
        guard name.hasSuffix(".seg"), let number = Int(name.dropLast(4)), number > 0, segmentName(number) == name else {
            return nil
        }
        return number
    }

    /// The bytes of all segments and of the index.
    func byteCount() throws -> Int {
        try (segmentNumbers().map(segment) + [index]).reduce(0) { sum, path in
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
            return sum + (size?.intValue ?? 0)
        }
    }

    /// Makes the folders that are missing. Throws `InputError` where `path` is something else than a store.
    func create() throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw InputError(path, "is a file, not a feature store", remedy: "Give another place for the store.")
            }
            let names = try entries(of: path)
            let ours = ["index.sqlite", "segments", "LOCK", "heads"]
            guard names.isEmpty || names.contains(where: ours.contains) else {
                throw InputError(
                    path, "is a folder with other things in it, such as '\(names.sorted()[0])'",
                    remedy: "Give a new folder for the store.")
            }
        }
        for folder in [segmentsFolder, headsFolder] { try makeFolder(folder) }
    }

    /// Makes a folder, and those above it, where they are missing; each is on the disk when this returns.
    private func makeFolder(_ folder: String) throws {
        if mkdir(folder, 0o755) == 0 {
            return try AtomicFile.synchronizeFolder(folder.parentFolder.nonEmpty ?? ".")
        }
        var isFolder: ObjCBool = false
        let reason = errno
        switch reason {
        case EEXIST where FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue:
            return
        case ENOENT:
            let parent = folder.parentFolder
            guard let parent = parent.nonEmpty, parent != folder else { break }
            try makeFolder(parent)
            // Once: where the system makes no folder, as in /proc, the parent may be there.
            guard mkdir(folder, 0o755) != 0, errno != EEXIST else {
                return try AtomicFile.synchronizeFolder(parent)
            }
        default: break
        }
        throw InputError(
            path, "cannot be made: \(String(cString: strerror(reason)))",
            remedy: "Check the space and the rights there.")
    }

    /// Throws `InputError` where there is nothing at `path` that a reader can open.
    func requireStore() throws {
        let making = "Run `finetuner-cache build PICTURES --store \(path)` to make one."
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError(path, "does not exist", remedy: making)
        }
        guard !hasIndex else { return }
        guard access(path, R_OK | X_OK) == 0 else {
            throw InputError(
                path, "cannot be looked into: \(InputError.systemReason)", remedy: "Get the right to read it.")
        }
        guard try segmentNumbers().isEmpty else {
            throw InputError(
                path, "has segments but no index",
                remedy: "Run `finetuner-cache repair`: it rebuilds the index from the segments.")
        }
        throw InputError(path, "is not a feature store: it has no index.sqlite", remedy: making)
    }

    private func entries(of folder: String) throws -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw InputError(folder, "cannot be listed: \(error.localizedDescription)")
        }
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
