import COneDNN
import Tensors

extension dnnl_status_t {
    /// Throws an `InputError` about `object` unless the call succeeded.
    func check(_ object: @autoclosure () -> String) throws {
        guard self != dnnl_success else { return }
        let remedy: String =
            switch self {
            case dnnl_out_of_memory: "Use a smaller batch, or free memory."
            case dnnl_unimplemented: "Cut the network before this layer."
            default: ""
            }
        throw InputError(object(), "oneDNN \(Self.version) answers '\(name)'", remedy: remedy)
    }

    /// The status as oneDNN's header spells it.
    var name: String {
        switch self {
        case dnnl_success: "success"
        case dnnl_out_of_memory: "out of memory"
        case dnnl_invalid_arguments: "invalid arguments"
        case dnnl_unimplemented: "unimplemented"
        case dnnl_iterator_ends: "iterator ends"
        case dnnl_runtime_error: "runtime error"
        case dnnl_not_required: "not required"
        default: "status \(rawValue)"
        }
    }

    private static var version: String {
        guard let version = dnnl_version()?.pointee else { return "" }
        return "\(version.major).\(version.minor).\(version.patch)"
    }
}
