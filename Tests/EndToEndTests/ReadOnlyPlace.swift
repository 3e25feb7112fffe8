import Foundation

/// Ways to run a program that cannot write below a folder, whoever runs the tests.
enum ReadOnlyPlace {
    /// Starts the program with `folder` mounted read-only, in a mount namespace of its own: nothing remains to be unmounted.
    static func mount(_ folder: String) -> [String] {
        let script = #"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@""#
        return ["/usr/bin/unshare", "--map-root-user", "--mount", "/bin/sh", "-c", script, folder]
    }

    /// Whether this machine lets us mount.
    static let canMount = works { folder in mount(folder) + ["/bin/true"] }

    /// Starts the program without a right to write in folders and files of mode 0555 and 0444: as `nobody` where the tests run
    /// as root, whom modes do not hold back.
    static let unprivileged: [String] =
        getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

    /// Whether the program can be run that way.
    static let canDropRights = works { _ in unprivileged + ["/usr/bin/test", "-x", Program.executable.path] }

    private static func works(_ command: (String) -> [String]) -> Bool {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return status(command(folder.path)) == 0
    }

    /// Runs a command to its end; its exit status, nil where it could not be started.
    static func status(_ command: [String]) -> Int32? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
