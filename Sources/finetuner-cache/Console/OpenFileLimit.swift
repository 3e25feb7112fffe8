import Foundation

/// How many files this process may have open at a time.
enum OpenFileLimit {
    /// Raises it to what the system allows a process to ask for. A reader keeps every segment of a store open, 256 MiB each, and the
    /// usual first limit of 1,024 is there for programs that call `select`, which this one does not; Go's runtime does the same.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where that is refused, the limit stays, and a file that cannot be opened is an error of its own.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
