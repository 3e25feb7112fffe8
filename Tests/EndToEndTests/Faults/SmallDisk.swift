import Foundation

/// A file system of a chosen size in a folder of a program's folder: a tmpfs, which only root can mount.
struct SmallDisk {
    let path: String

    /// Whether this process may mount.
    static let isAvailable: Bool = {
        guard let program = try? Program(), let disk = try? SmallDisk(in: program, pages: 4) else { return false }
        disk.unmount()
        program.clean()
        return true
    }()

    struct Failure: Error {}

    /// Mounts a disk of `pages` pages of 4 KiB.
    init(in program: Program, pages: Int, at folder: String = "disk") throws {
        path = program.path(folder)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.call("mount", "-t", "tmpfs", "-o", "size=\(4 * pages)k", "finetuner-cache-test", path)
    }

    /// Makes it larger or smaller; what it has stays.
    func resize(pages: Int) throws { try Self.call("mount", "-o", "remount,size=\(4 * pages)k", path) }

    /// The pages that are taken.
    func usedPages() throws -> Int {
        let sizes = try FileManager.default.attributesOfFileSystem(forPath: path)
        guard let all = sizes[.systemSize] as? NSNumber, let free = sizes[.systemFreeSize] as? NSNumber else {
            throw Failure()
        }
        return (all.intValue - free.intValue) / 4096
    }

    func unmount() { try? Self.call("umount", "-l", path) }

    private static func call(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
    }
}
