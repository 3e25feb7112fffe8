import Foundation
import Tensors

/// One operation in an ONNX file.
struct ONNXNode: Sendable {
    /// Its name, or one made from its operator and number where it has none.
    let name: String
    let opType: String
    /// The values that it takes; an empty name stands for one that is left out.
    let inputs: [String]
    let outputs: [String]
    let attributes: [String: ONNXAttribute]

    init(_ message: Onnx_NodeProto, number: Int) throws {
        opType = message.opType
        name = message.name.isEmpty ? "\(message.opType)_\(number)" : message.name
        (inputs, outputs) = (message.input, message.output)
        let object = "operator \(opType), node '\(name)'"
        guard message.domain.isEmpty || message.domain == "ai.onnx" else {
            throw InputError(
                object, "is of the domain '\(message.domain)'",
                remedy: "Export the network with ONNX's own operators only.")
        }
        attributes = try message.attribute.reduce(into: [:]) { attributes, attribute in
            let value: ONNXAttribute
            do { value = try ONNXAttribute(attribute) } catch let error as InputError { throw error.within(object) }
            guard value.isKind(of: attribute.name) else {
                throw InputError(object, "has '\(attribute.name)' of another type", remedy: "The file is damaged.")
            }
            guard attributes.updateValue(value, forKey: attribute.name) == nil else {
                throw InputError(object, "has two attributes '\(attribute.name)'", remedy: "The file is damaged.")
            }
        }
    }

    func integer(_ name: String) -> Int? { if case .int(let value)? = attributes[name] { value } else { nil } }
    func integers(_ name: String) -> [Int]? { if case .ints(let values)? = attributes[name] { values } else { nil } }
    func float(_ name: String) -> Float? { if case .float(let value)? = attributes[name] { value } else { nil } }
    /// A setting that has to be a number. Throws `InputError` where it is NaN or infinite.
    func finite(_ name: String, else usual: Float) throws -> Float {
        let value = float(name) ?? usual
        guard value.isFinite else { throw ONNXFault(self, "has \(name) of \(value)", remedy: "The file is damaged.") }
        return value
    }
    func string(_ name: String) -> String? { if case .string(let value)? = attributes[name] { value } else { nil } }
}

/// A setting of a node.
enum ONNXAttribute: Sendable {
    case float(Float)
    case int(Int)
    case string(String)
    case tensor(ONNXTensor)
    case floats([Float])
    case ints([Int])
    case strings([String])

    /// Whether a setting called `name` is of the type that ONNX has for it: one of another type would count as left out.
    func isKind(of name: String) -> Bool {
        switch name {
        case "strides", "dilations", "pads", "kernel_shape", "perm", "axes", "starts", "ends":
            if case .ints = self { true } else { false }
        case "group", "axis", "keepdims", "ceil_mode", "count_include_pad", "transA", "transB", "allowzero", "to":
            if case .int = self { true } else { false }
        case "alpha", "beta", "epsilon": if case .float = self { true } else { false }
        case "auto_pad", "mode", "approximate": if case .string = self { true } else { false }
        default: true
        }
    }

    /// The value that the type names, or, in files of the first version, which had no types, the one that is there.
    init(_ message: Onnx_AttributeProto) throws {
        guard !message.hasRefAttrName else {
            throw InputError(
                "attribute '\(message.name)'", "is that of a function", remedy: "Export without functions.")
        }
        switch message.hasType ? message.type : Self.type(of: message) {
        case 1: self = .float(message.f)
        case 2: self = .int(Int(message.i))
        case 3: self = .string(String(decoding: message.s, as: UTF8.self))
        case 4: self = .tensor(try ONNXTensor(message.t, named: message.name))
        case 6: self = .floats(message.floats)
        case 7: self = .ints(message.ints.map { Int($0) })
        case 8: self = .strings(message.strings.map { String(decoding: $0, as: UTF8.self) })
        case 5, 10:
            throw InputError(
                "attribute '\(message.name)'", "holds a network of its own (If, Loop, Scan)",
                remedy: "Export the network without branches and loops.")
        case let other:
            throw InputError("attribute '\(message.name)'", "is of the type \(other)", remedy: "The file is damaged.")
        }
    }

    private static func type(of message: Onnx_AttributeProto) -> Int32 {
        if message.hasF { return 1 }
        if message.hasI { return 2 }
        if message.hasS { return 3 }
        if message.hasT { return 4 }
        if message.hasG { return 5 }
        return message.floats.isEmpty ? (message.strings.isEmpty ? 7 : 8) : 6
    }
}
