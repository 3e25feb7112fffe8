import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite("Processors that may be used")
struct AvailableProcessorsTests {
    /// The number for a process in `groups`, of 8 processors, where the files have the given contents.
    private func count(_ groups: String, _ files: [String: String]) throws -> Int {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("cgroup-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return AvailableProcessors.count(runnable: 8, groups: groups, root: root.path)
    }

    @Test(
        "are no more than a quota of version 2, rounded up",
        arguments: [("150000 100000", 2), ("200000 100000", 2), ("1 100000", 1)])
    func unified(quota: String, expected: Int) throws {
        #expect(try count("0::/\n", ["cpu.max": quota + "\n"]) == expected)
        #expect(try count("0::/a/b\n", ["a/b/cpu.max": quota + "\n"]) == expected)
    }

    @Test("are held back by every group that holds theirs")
    func nested() throws {
        let files = ["a/cpu.max": "300000 100000\n", "a/b/cpu.max": "500000 100000\n", "a/b/c/cpu.max": "max 100000\n"]
        #expect(try count("0::/a/b/c\n", files) == 3)
        #expect(try count("0::/other\n", files) == 8)
    }

    @Test("are no more than a quota of version 1, among other controllers")
    func separate() throws {
        let lines = "9:memory:/m\n4:cpu,cpuacct:/job\n1:name=systemd:/\n"
        let period = ["cpu,cpuacct/job/cpu.cfs_period_us": "50000\n"]
        let quota = { (text: String) in period.merging(["cpu,cpuacct/job/cpu.cfs_quota_us": text]) { $1 } }
        #expect(try count(lines, quota("125000\n")) == 3)
        #expect(try count(lines, quota("-1\n")) == 8)
        // A container sees its own group as the root, whatever the line says.
        let root = ["cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"]
        #expect(try count("4:cpu:/docker/0123\n", root) == 1)
    }

    @Test(
        "are those that it may run on where files are missing, cut off or hostile",
        arguments: [
            "", "\n", "max", "max max", "0 100000", "-5 100000", "100000 0", "1 2 3", "nan 1", "1e999 1",
            "1e308 1e-300", "\u{0}",
        ])
    func hostile(text: String) throws {
        #expect(try count("0::/\n", ["cpu.max": text]) == 8)
        #expect(try count(text, ["cpu.max": "100000 100000"]) == 8)
        #expect(try count("1:cpu:/\n", ["cpu/cpu.cfs_quota_us": text, "cpu/cpu.cfs_period_us": "100000"]) == 8)
    }

    @Test("are those that a thread is bound to, as by taskset or a launcher of MPI")
    func bound() throws {
        let found = Mutex<Int?>(nil)
        let done = DispatchSemaphore(value: 0)
        WorkThread.start("bound") {
            defer { done.signal() }
            guard let number = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self"),
                let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }),
                let processor = line.split(whereSeparator: { !$0.isNumber }).first
            else { return }
            let command = Process()
            command.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
            command.arguments = ["-cp", String(processor), String(number.split(separator: "/").last ?? "")]
            command.standardOutput = FileHandle.nullDevice
            guard (try? command.run()) != nil else { return }
            command.waitUntilExit()
            found.withLock { $0 = AvailableProcessors.runnable }
        }
        done.wait()
        #expect(found.withLock { $0 } == 1)
    }

    @Test("are at least one, here too")
    func here() {
        #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(AvailableProcessors.count))
    }
}
