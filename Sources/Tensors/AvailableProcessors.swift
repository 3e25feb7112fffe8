import CLinux
import Foundation

/// How many processors this process may use at a time: those that it may run on, and no more than its control group's quota, as
/// containers set it (`docker --cpus`, limits of Kubernetes). The quota is rounded up, as Java and Go do.
package enum AvailableProcessors {
    /// At least 1, and the same for as long as the process lives.
    package static let count = count(
        runnable: runnable,
        groups: (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? "", root: "/sys/fs/cgroup")

    /// The same of a process that may run on `runnable` processors and is in `groups`, lines of `id:controllers:path` as in
    /// `/proc/self/cgroup` (cgroups(7)), whose folders are in `root`.
    static func count(runnable: Int, groups: String, root: String) -> Int {
        let all = groups.split(separator: "\n").flatMap { quotas(line: $0, root: root) }
        return max(1, Int(all.reduce(Double(runnable)) { min($0, $1.rounded(.up)) }))
    }

    /// How many the calling thread may run on. `ProcessInfo.activeProcessorCount` counts those of the machine, also where a process is
    /// bound to some of them.
    static var runnable: Int {
        let bound = Int(ftc_runnable_processors())
        return bound > 0 ? bound : ProcessInfo.processInfo.activeProcessorCount
    }

    /// The quotas, in processors, of a group and of all that it is in.
    private static func quotas(line: Substring, root: String) -> [Double] {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return [] }
        let isUnified = fields[1].isEmpty
        guard isUnified || fields[1].split(separator: ",").contains("cpu") else { return [] }
        let names = fields[2].split(separator: "/")
        return (0...names.count).compactMap { depth in
            let folder = ([isUnified ? root : "\(root)/\(fields[1])"] + names.prefix(depth).map(String.init))
                .joined(separator: "/")
            return isUnified ? unifiedQuota(folder) : quota(folder)
        }
    }

    /// What `cpu.max` of version 2 says: microseconds, or `max`, and in how many.
    private static func unifiedQuota(_ folder: String) -> Double? {
        let numbers = text("\(folder)/cpu.max")?.split(separator: " ").map { Double($0) } ?? []
        guard numbers.count == 2 else { return nil }
        return share(numbers[0], of: numbers[1])
    }

    /// What the two files of version 1 say; a quota of -1 is none.
    private static func quota(_ folder: String) -> Double? {
        share(
            text("\(folder)/cpu.cfs_quota_us").flatMap { Double($0) },
            of: text("\(folder)/cpu.cfs_period_us").flatMap { Double($0) })
    }

    private static func share(_ quota: Double?, of period: Double?) -> Double? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return quota / period
    }

    private static func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
