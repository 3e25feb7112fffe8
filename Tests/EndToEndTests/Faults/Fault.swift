import Testing

/// What happens to the program at one of its calls that change files; see `faults.c`.
struct Fault: Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case errorOnce = "EIO once"
        case errorLasting = "EIO from then on"
        case fullOnce = "ENOSPC once"
        case fullLasting = "ENOSPC from then on"
        case short = "a short write"
        case shortThenFull = "a short write, then ENOSPC"
        case kill = "the end of the program"
        case cut = "a power cut that takes everything unflushed"
        case torn = "a power cut that takes some of the unflushed"

        var testDescription: String { rawValue }

        /// Whether the program lives on.
        var isSurvived: Bool { ![.kill, .cut, .torn].contains(self) }

        fileprivate var settings: [String: String] {
            switch self {
            case .errorOnce: ["KIND": "fail", "ERROR": "EIO"]
            case .errorLasting: ["KIND": "fail", "ERROR": "EIO", "LASTING": "1"]
            case .fullOnce: ["KIND": "fail", "ERROR": "ENOSPC"]
            case .fullLasting: ["KIND": "fail", "ERROR": "ENOSPC", "LASTING": "1"]
            case .short: ["KIND": "short"]
            case .shortThenFull: ["KIND": "short-full"]
            case .kill: ["KIND": "kill"]
            case .cut: ["KIND": "cut"]
            case .torn: ["KIND": "torn"]
            }
        }
    }

    /// When it happens.
    enum Moment: Sendable, Hashable {
        /// At the call of this number, from 1 on.
        case call(Int)
        /// When the program has ended by itself: power cuts only.
        case exit
    }

    let kind: Kind
    let moment: Moment
    /// Decides what a torn power cut leaves; from 1 on.
    var seed = 1
    /// Flushes of paths that contain this do nothing: the control of the power cuts.
    var unheard = ""

    var description: String { "\(kind.rawValue), \(moment), seed \(seed)" }

    /// The variables that tell the library.
    var environment: [String: String] {
        let at =
            switch moment {
            case .call(let number): String(number)
            case .exit: "exit"
            }
        let all = kind.settings.merging(["AT": at, "SEED": String(seed), "UNHEARD": unheard]) { $1 }
        return Dictionary(uniqueKeysWithValues: all.map { ("FAULTS_\($0)", $1) })
    }
}
