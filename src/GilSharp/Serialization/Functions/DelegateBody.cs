namespace GilSharp.Serialization;

/// <summary>A delegate inside a value travels as a function: identity once, then its target.</summary>
internal sealed class DelegateBody : ObjectBody
{
    public override void Write(ref GraphWriter writer, object value)
    {
        var function = (Delegate)value;
        FunctionPlan plan = FunctionPlan.For(function);
        uint number = writer.Tables.FunctionNumber(plan);
        writer.WriteVarint(number);
        if (number == 0)
            writer.WriteBlob(plan.IdentityInPayload);

        plan.WriteTarget(ref writer, function);
    }

    public override object Read(ref GraphReader reader)
    {
        uint number = reader.ReadVarint();
        FunctionPlan plan;
        if (number == 0)
        {
            plan = FunctionPlan.ReadIdentityInPayload(reader.ReadBlob());
            reader.Tables.AddFunction(plan);
        }
        else
        {
            plan = reader.Tables.Function(number);
        }

        Delegate function = plan.ReadDelegate(ref reader);
        return Type.IsInstanceOfType(function) ? function : throw CallSerializationException.Malformed($"{function.GetType()} stands where {Type} is expected");
    }
}
